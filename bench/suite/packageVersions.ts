// Which versions were measured.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ContenderName, contenders } from './contenders.ts';
import { packageRoot } from './packageRoot.ts';
import type { RowResult } from './results.ts';

/** wgrad's own, those of the packages of `names`, and what a contender without packages (torch) said in the rows. */
export function packageVersions(names: readonly ContenderName[], rows: readonly RowResult[]): Record<string, string> {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const said = names
    .filter((name) => contenders[name].packages.length === 0)
    .flatMap((name) => {
      const all = rows.flatMap((row) => row.contenders.filter((one) => one.name === name && one.version));
      return all.slice(0, 1).map((one) => [name, one.version]);
    });
  const packages = [...new Set(names.flatMap((name) => contenders[name].packages))];
  return Object.fromEntries([
    ['wgrad', String(version)],
    ...said,
    ...packages.map((name) => [name, installedVersion(name)]),
  ]);
}

/** Read above its entry point: some packages do not export their package.json. */
function installedVersion(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.resolve(name)));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const found = JSON.parse(readFileSync(file, 'utf8'));
      if (found.name === name) return String(found.version);
    }
    if (dirname(folder) === folder) return 'unknown';
    folder = dirname(folder);
  }
}
