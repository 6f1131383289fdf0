// The formatter, the linter and the type checker find nothing: no error, no warning.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = join(import.meta.dirname, '..');

test('Biome finds nothing to format and nothing to warn of', () => clean('biome', 'check', '--error-on-warnings', '.'));

test('TypeScript finds no error in strict mode', () => clean('tsc', '-p', '.'));

test.run();

function clean(program: string, ...options: string[]): void {
  const command = join(root, 'node_modules/.bin', program);
  const { status, stdout, stderr, error } = spawnSync(command, options, { cwd: root, encoding: 'utf8' });
  assert.is(status, 0, error?.message ?? `${stdout}${stderr}`);
}
