// Files on the disk: whole or not at all, in the format their name says.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostTensor, StateDict } from '../../engine/hostTensor.ts';
import { loadCheckpoint, openCheckpoint } from '../../engine/node/checkpoint.ts';
import { writeCheckpoint } from '../../engine/node/writeCheckpoint.ts';
import { writeSafetensors } from '../../engine/serialization/safetensors.ts';
import type { ReadableTensor, TensorsToWrite } from '../../engine/serialization/tensorsToWrite.ts';
import { ShapeError } from '../../kernels/errors.ts';

const test = suite('writeCheckpoint');
let folder: string;
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-write-'));
});
test.after.each(() => rmSync(folder, { recursive: true }));

const state: StateDict = new Map([
  ['fc.weight', { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-40) }],
  ['bn.num_batches_tracked', { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) }],
]);

for (const [name, format] of [
  ['a.safetensors', 'safetensors'],
  ['a.pth', 'pytorch-zip'],
  ['a.PT', 'pytorch-zip'],
  ['a.pth.tar', 'pytorch-zip'],
  ['pytorch_model.bin', 'pytorch-zip'],
] as const) {
  test(`${name} is written as ${format}, and read back`, async () => {
    const path = join(folder, name);
    const bytes = await writeCheckpoint(path, state, { metadata: { epoch: '3' } });
    assert.is(readFileSync(path).length, bytes);
    assert.equal(readdirSync(folder), [name]);
    const file = await openCheckpoint(path);
    assert.is(file.format, format);
    assert.equal(file.metadata, { epoch: '3' });
    await file.close();
    const read = await loadCheckpoint(path);
    for (const [key, tensor] of state) assert.equal(read.get(key), tensor);
  });
}

test('a safetensors file is the same whether it is written in one piece or streamed', async () => {
  const path = join(folder, 'a.safetensors');
  await writeCheckpoint(path, state, { metadata: { format: 'pt' } });
  assert.ok(readFileSync(path).equals(writeSafetensors(state, { format: 'pt' })));
});

test('an opened checkpoint can be written over its own file', async () => {
  const path = join(folder, 'a.safetensors');
  await writeCheckpoint(path, state);
  const file = await openCheckpoint(path);
  await writeCheckpoint(path, file.tensors, { format: 'pytorch' });
  await file.close();
  assert.equal((await loadCheckpoint(path)).get('fc.weight'), state.get('fc.weight'));
});

test('after an error the old file is there and nothing else', async () => {
  const path = join(folder, 'a.pth');
  writeFileSync(path, 'old');
  const broken: TensorsToWrite = new Map<string, HostTensor | ReadableTensor>([
    ...state,
    ['last', { dtype: 'int8', shape: [1], readBytes: () => Promise.reject(new Error('the disk is gone')) }],
  ]);
  const error = await writeCheckpoint(path, broken).catch((error: Error) => error);
  assert.match((error as Error).message, 'the disk is gone');
  assert.is(readFileSync(path, 'utf8'), 'old');
  assert.equal(readdirSync(folder), ['a.pth']);
});

test('a name that says no format is refused before anything is written', async () => {
  const error = await writeCheckpoint(join(folder, 'a.onnx'), state).catch((error: Error) => error);
  assert.instance(error, ShapeError);
  assert.match((error as Error).message, 'a.onnx: this ending names no format; .safetensors, .pth and .pt do');
  assert.not(existsSync(join(folder, 'a.onnx')));
});

test.run();
