// The version of this package, from the package.json above this file.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function wgradVersion(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (name === 'wgrad' && version) return version;
  }
  return 'unknown';
}
