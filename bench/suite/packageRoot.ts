// The folder of wgrad's package.json, from the sources as from dist/.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function packageRoot(folder = import.meta.dirname): string {
  const file = join(folder, 'package.json');
  if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'wgrad') return folder;
  return packageRoot(dirname(folder));
}
