// Safetensors in several files, opened by their index.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadCheckpoint, openCheckpoint } from '../../engine/node/checkpoint.ts';
import { writeSafetensors } from '../../engine/serialization/safetensors.ts';
import { FormatError } from '../../kernels/errors.ts';
import { fileBytes } from './checkpointFixture.ts';

const test = suite('sharded checkpoint');
const root = mkdtempSync(join(tmpdir(), 'wgrad-'));
test.after(() => rmSync(root, { recursive: true }));

const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];

test('an index opens all its shards as one checkpoint, in the order of the index', async () => {
  const index = write('good', {
    weight_map: { b: shards[1], a: shards[0], c: shards[1] },
    metadata: { total_size: 12 },
  });
  const file = await openCheckpoint(index);
  assert.is(file.format, 'safetensors');
  assert.is(file.name, index);
  assert.equal([...file.tensors.keys()], ['b', 'a', 'c']);
  assert.equal(file.metadata, { total_size: 12 });
  await file.close();
  const values = await loadCheckpoint(index);
  assert.equal(
    [...values].map(([name, { data }]) => [name, data[0]]),
    [
      ['b', 2],
      ['a', 1],
      ['c', 3],
    ],
  );
});

const refused: [what: string, index: unknown, message: RegExp][] = [
  ['a missing shard', { weight_map: { a: 'model-00009.safetensors' } }, /shard model-00009.safetensors: .*ENOENT/],
  [
    'a tensor its shard lacks',
    { weight_map: { z: shards[0] } },
    /'z' is not in model-00001-of-00002.safetensors, where/,
  ],
  [
    'a path upwards',
    { weight_map: { a: '../good/model-00001-of-00002.safetensors' } },
    /must be a file of the index's own/,
  ],
  ['an absolute path', { weight_map: { a: '/etc/hostname' } }, /must be a file of the index's own folder/],
  ['a path of Windows', { weight_map: { a: '..\\a.safetensors' } }, /must be a file of the index's own folder/],
  ['the folder itself', { weight_map: { a: '..' } }, /must be a file of the index's own folder/],
  ['a shard of another format', { weight_map: { a: 'old.pth' } }, /shard old.pth is pytorch-zip, expected safetensors/],
  ['no weight_map', { metadata: {} }, /weight_map must map names of tensors to names of files/],
  ['a weight_map of numbers', { weight_map: { a: 1 } }, /weight_map must map/],
  ['an index of texts', '[', /the index is no JSON/],
  ['too many shards', { weight_map: many(2000) }, /2000 shards; at most 1000/],
];
for (const [what, index, message] of refused) {
  test(`${what} is a FormatError that names the index`, async () => {
    const path = write(what.replaceAll(' ', '-'), index);
    const error = await openCheckpoint(path).then(
      () => assert.unreachable('did not throw'),
      (thrown: Error) => thrown,
    );
    assert.instance(error, FormatError);
    assert.ok((error as Error).message.startsWith(`${path}: `), (error as Error).message);
    assert.match((error as Error).message, message);
  });
}
test.run();

/** A folder with both shards and this index; the index's path. */
function write(name: string, index: unknown): string {
  const folder = join(root, name);
  mkdirSync(folder);
  const tensor = (value: number) => ({ dtype: 'float32' as const, shape: [1], data: Float32Array.of(value) });
  writeFileSync(join(folder, shards[0]), writeSafetensors(new Map([['a', tensor(1)]])));
  writeFileSync(
    join(folder, shards[1]),
    writeSafetensors(
      new Map([
        ['b', tensor(2)],
        ['c', tensor(3)],
      ]),
    ),
  );
  writeFileSync(join(folder, 'old.pth'), fileBytes('zip'));
  const path = join(folder, 'model.safetensors.index.json');
  writeFileSync(path, typeof index === 'string' ? index : JSON.stringify(index));
  return path;
}

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, `s${i}.safetensors`]));
}
