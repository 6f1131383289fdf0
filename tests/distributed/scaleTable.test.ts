// The plan in the guide is computed from the measured file beside it, not written by hand.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readScale, scaleTable } from '../../bench/scaleTable.ts';

const test = suite('plan for many ranks');
const root = join(import.meta.dirname, '../..');

test('the table of the guide follows from the measurement that it names', () => {
  const guide = readFileSync(join(root, 'docs/guides/distributed.md'), 'utf8');
  const [, file, table] = /<!-- npx tsx bench\/scaleTable\.ts (\S+) -->\n\n?((?:\|.*\n)+)/.exec(guide) ?? [];
  assert.ok(file && readdirSync(join(root, 'bench/results')).includes(file.split('/').at(-1)!));
  assert.is(table!.trim(), scaleTable(readScale(join(root, file!))));
});

test.run();
