// Checkpoints of every format, against what PyTorch read from the same bytes.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadCheckpoint as loadPath, openCheckpoint as openPath } from '../../engine/node/checkpoint.ts';
import { openFile } from '../../engine/node/fileSource.ts';
import { loadCheckpoint, openCheckpoint, readSafetensors, writeSafetensors } from '../../engine/serialization/index.ts';
import { FormatError } from '../../kernels/errors.ts';
import { fileBytes, fixture, watchedSource } from './checkpointFixture.ts';

const test = suite('checkpoint');
const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
test.after(() => rmSync(folder, { recursive: true }));

for (const [name, { format, wrapper, prefix, metadata, tensors }] of Object.entries(fixture.files)) {
  test(`${name}: every tensor and the metadata are PyTorch's`, async () => {
    const file = await openCheckpoint(fileBytes(name));
    assert.equal({ format: file.format, wrapper: file.wrapper, prefix: file.prefix }, { format, wrapper, prefix });
    const { optimizer, scheduler, ...metadataRead } = file.metadata;
    assert.equal(metadataRead, metadata);
    assert.equal([...file.tensors.keys()], Object.keys(tensors));
    for (const [tensor, { dtype, shape, values }] of Object.entries(tensors)) {
      const stored = file.tensors.get(tensor)!;
      assert.equal({ dtype: stored.dtype, shape: stored.shape }, { dtype, shape }, tensor);
      const read = await stored.read();
      assert.equal(read.shape, shape);
      const expected = values.map((value) => String(read.dtype === 'int64' ? value : Math.fround(Number(value))));
      assert.equal([...read.data].map(String), expected, tensor);
    }
  });
}

test('the metadata describes optimizer and scheduler states without their values', async () => {
  const { metadata } = await openCheckpoint(fileBytes('zip wrapped'));
  assert.is(JSON.parse(JSON.stringify(metadata)).optimizer.state[0].exp_avg, 'float32 tensor [3, 2, 2, 2]');
  assert.equal((metadata.scheduler as { milestones: unknown }).milestones, { 3: 1, 5: 2 });
});

test('bytes keep their own type: halves stay halves, strided tensors become row-major', async () => {
  const { tensors } = await openCheckpoint(fileBytes('legacy'));
  const bytes = async (name: string) => [...(await tensors.get(name)!.readBytes())];
  assert.equal(await bytes('half'), [0x00, 0x3c, 0x00, 0xc1, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x7c]);
  assert.equal(await bytes('bool'), [1, 0, 1]);
  assert.equal([...new Float32Array((await tensors.get('slice')!.readBytes()).buffer)], [8, 9, 10, 14, 15, 16]);
  assert.equal(await bytes('empty'), []);
});

test('views of one storage begin at the same byte and own their values', async () => {
  for (const name of ['zip', 'legacy']) {
    const { tensors } = await openCheckpoint(fileBytes(name));
    assert.is(tensors.get('weight')!.offset, tensors.get('row')!.offset);
    const first = await tensors.get('weight')!.read();
    first.data.fill(0 as never);
    assert.is((await tensors.get('tied')!.read()).data[1], 1);
  }
});

for (const [name, { words }] of Object.entries(fixture.refused)) {
  test(`${name} is refused by a FormatError that says why`, async () => {
    const error = await failure(openCheckpoint(watchedSource(fileBytes(name), 'folder/a.pth')));
    assert.ok(error.message.startsWith('folder/a.pth: '), error.message);
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} has no '${word}'`);
  });
}

const others: [what: string, bytes: Uint8Array, message: RegExp][] = [
  ['an empty file', new Uint8Array(), /at byte 0: the file is empty/],
  ['zeros', new Uint8Array(600), /at byte 0: begins with 00 00 00 00 00 00 00 00 00; expected a PyTorch zip/],
  ['a gzip', Uint8Array.of(0x1f, 0x8b, 8), /compressed with gzip/],
  ['an HDF5 file', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10), /HDF5 file/],
  ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'), /git lfs pull/],
  ['a web page', new TextEncoder().encode('<!DOCTYPE html><html>'), /web page/],
  ['JSON', new TextEncoder().encode('{"weight_map": {}}'), /JSON/],
  [
    'half a magic',
    Uint8Array.of(0x80, 2, 0x8a),
    /magic number: at byte 3: the pickle needs 1 more bytes here, 0 are left/,
  ],
];
for (const [what, bytes, message] of others) {
  test(`${what} is refused by name`, async () => {
    assert.match((await failure(openCheckpoint(bytes))).message, message);
  });
}

test('a checkpoint opens from bytes, a Buffer, a Blob, a File, a source and a path alike', async () => {
  const bytes = fileBytes('zip');
  const path = join(folder, 'a.pth');
  writeFileSync(path, bytes);
  await using source = await openFile(path);
  for (const [from, name] of [
    [bytes, 'checkpoint'],
    [Buffer.from(bytes), 'checkpoint'],
    [new Blob([new Uint8Array(bytes)]), 'checkpoint'],
    [new File([new Uint8Array(bytes)], 'b.pth'), 'b.pth'],
    [source, path],
    [path, path],
  ] as const) {
    const file = await openPath(from);
    assert.is(file.name, name);
    assert.equal([...(await file.tensors.get('scalar')!.read()).data], [2.5]);
    await file.close();
  }
  assert.is((await loadPath(path)).size, Object.keys(fixture.files.zip.tensors).length);
  assert.match((await failure(openPath(join(folder, 'missing.pth')))).message, /missing\.pth: cannot be read: ENOENT/);
  assert.match((await failure(openPath(folder))).message, /is no file/);
});

test('opening reads the structure only, and a tensor its own bytes only', async () => {
  const count = 4096;
  const name = 'weight';
  const bytes = writeSafetensors(
    new Map([
      [name, { dtype: 'float32', shape: [count], data: new Float32Array(count).fill(2) }],
      ['other', { dtype: 'float32', shape: [count], data: new Float32Array(count) }],
    ]),
  );
  const source = watchedSource(bytes, 'a.safetensors');
  const { tensors } = await openCheckpoint(source);
  assert.ok(source.bytesRead < 1000, `${source.bytesRead} bytes were read`);
  const before = source.bytesRead;
  assert.equal((await tensors.get(name)!.read()).data, new Float32Array(count).fill(2));
  assert.is(source.bytesRead - before, 4 * count);
});

test('safetensors open as checkpoints with their metadata, and give what readSafetensors gives', async () => {
  const tensors = new Map([['a.b', { dtype: 'int64' as const, shape: [], data: BigInt64Array.of(-5n) }]]);
  const bytes = writeSafetensors(tensors, { format: 'pt' });
  const file = await openCheckpoint(bytes);
  assert.is(file.format, 'safetensors');
  assert.equal(file.metadata, { format: 'pt' });
  assert.equal(await loadCheckpoint(bytes), tensors);
});

test('safetensors are known whatever the length of their header', async () => {
  const header = '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
  for (const length of [0x7b, 0x80, 0x0280, 0x4b50, 0x8b1f]) {
    const text = new TextEncoder().encode(header.padEnd(length));
    const bytes = Uint8Array.of(length & 255, length >> 8, 0, 0, 0, 0, 0, 0, ...text, 7);
    assert.is((await openCheckpoint(bytes)).format, 'safetensors', `header of ${length} bytes`);
  }
});

const pretrained = join(process.env.WGRAD_DATA ?? '', 'pretrained');
const hasReal = Boolean(process.env.WGRAD_DATA) && existsSync(pretrained);
(hasReal ? test : test.skip)('mnist.safetensors: as readSafetensors reads it', async () => {
  const path = join(pretrained, 'mnist.safetensors');
  assert.equal(await loadPath(path), readSafetensors(readFileSync(path)).tensors);
});
if (!hasReal) console.log('skipped: reading real checkpoints needs WGRAD_DATA with pretrained/');
for (const [name, { count, elements, sums }] of Object.entries(fixture.real)) {
  (hasReal ? test : test.skip)(`${name}: as many tensors and the same sums as PyTorch`, async () => {
    const tensors = await loadPath(join(pretrained, name));
    assert.is(tensors.size, count);
    assert.is(
      [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0),
      elements,
    );
    for (const [tensor, [sum, absolute]] of Object.entries(sums)) {
      const values = Array.from(tensors.get(tensor)!.data as ArrayLike<number | bigint>, Number);
      const read = values.reduce((total, value) => total + value, 0);
      const readAbsolute = values.reduce((total, value) => total + Math.abs(value), 0);
      assert.ok(Math.abs(read - sum) <= 1e-9 * absolute, `${tensor}: ${read}, expected ${sum}`);
      assert.ok(
        Math.abs(readAbsolute - absolute) <= 1e-9 * absolute,
        `${tensor}: ${readAbsolute}, expected ${absolute}`,
      );
    }
  });
}
test.run();

async function failure(promise: Promise<unknown>): Promise<FormatError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, FormatError);
  return error as FormatError;
}
