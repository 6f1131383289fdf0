// Files written and read back bit for bit, and held to the very bytes that PyTorch was seen to read.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint as openPath } from '../../engine/node/checkpoint.ts';
import type { ByteSource } from '../../engine/serialization/byteSource.ts';
import type { CheckpointFile } from '../../engine/serialization/checkpointFile.ts';
import { openCheckpoint } from '../../engine/serialization/openCheckpoint.ts';
import { crc32 } from '../../engine/serialization/pytorch/crc32.ts';
import { type ZipRecord, zipDirectory } from '../../engine/serialization/pytorch/zipStream.ts';
import { streamSafetensors } from '../../engine/serialization/streamSafetensors.ts';
import { bytesToWrite, type ReadableTensor, type TensorsToWrite } from '../../engine/serialization/tensorsToWrite.ts';
import { writePth } from '../../engine/serialization/writePth.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { WRITTEN_METADATA, writtenTensors } from '../fixtures/writtenPth.ts';

const test = suite('writePth and streamSafetensors');

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Uint8Array(Buffer.concat(parts));
}

async function assertSame(file: CheckpointFile, expected: TensorsToWrite): Promise<void> {
  assert.equal([...file.tensors.keys()].sort(), [...expected.keys()].sort());
  for (const [name, tensor] of expected) {
    const actual = file.tensors.get(name)!;
    assert.equal([actual.dtype, actual.shape], [tensor.dtype, tensor.shape], name);
    assert.equal(await actual.readBytes(), new Uint8Array(await bytesToWrite(name, tensor)), name);
  }
}

async function failure(chunks: AsyncIterable<Uint8Array>): Promise<Error> {
  try {
    await gather(chunks);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('a .pth holds every dtype, 0-d and empty tensors and any name, in order and bit for bit', async () => {
  const file = await openCheckpoint(await gather(writePth(writtenTensors())));
  assert.is(file.format, 'pytorch-zip');
  assert.is(file.wrapper, '');
  assert.equal(file.metadata, {});
  assert.equal([...file.tensors.keys()], [...writtenTensors().keys()]);
  await assertSame(file, writtenTensors());
});

test('with metadata the tensors lie under state_dict', async () => {
  const file = await openCheckpoint(await gather(writePth(writtenTensors(), { metadata: WRITTEN_METADATA })));
  assert.is(file.wrapper, 'state_dict');
  assert.equal(file.metadata, WRITTEN_METADATA);
  await assertSame(file, writtenTensors());
});

// by tests/fixtures/readPth.py with PyTorch 1.13.1, weights_only; a change of the writer must be proved there again
for (const [what, metadata, hash] of [
  ['plain', {}, 'cf20813b9fc488df4404eea50a07a80a3e15cc5b7a93fc9d4f363150eee2aec2'],
  ['wrapped', WRITTEN_METADATA, 'a463dfdd77f956c68cecac09793fa9dcd44eda03d28b008878093177d9479563'],
] as const) {
  test(`the ${what} file is byte for byte the one that PyTorch read`, async () => {
    const bytes = await gather(writePth(writtenTensors(), { metadata }));
    assert.is(createHash('sha256').update(bytes).digest('hex'), hash);
  });
}

test("every tensor's data begins at a multiple of 64 bytes", async () => {
  const { tensors } = await openCheckpoint(await gather(writePth(writtenTensors())));
  const offsets = [...tensors.values()].filter(({ shape }) => !shape.includes(0)).map(({ offset }) => offset);
  assert.equal(
    offsets.filter((offset) => offset % 64 !== 0),
    [],
  );
});

test('a safetensors stream holds every dtype bit for bit, and texts', async () => {
  const tensors = new Map(writtenTensors());
  for (const dtype of ['uint16', 'uint32', 'uint64'] as const) {
    tensors.set(dtype, {
      dtype,
      shape: [3],
      readBytes: async () => new Uint8Array({ uint16: 6, uint32: 12, uint64: 24 }[dtype]),
    });
  }
  const file = await openCheckpoint(await gather(streamSafetensors(tensors, { metadata: WRITTEN_METADATA })));
  assert.is(file.format, 'safetensors');
  assert.equal(file.metadata, WRITTEN_METADATA);
  await assertSame(file, tensors);
});

for (const write of [writePth, streamSafetensors]) {
  test(`${write.name} reads a tensor when its turn comes, and no earlier`, async () => {
    const reads: string[] = [];
    const tensors = new Map(
      ['a', 'b', 'c'].map((name): [string, ReadableTensor] => {
        const readBytes = async () => {
          reads.push(name);
          return new Uint8Array(4000).fill(name.charCodeAt(0));
        };
        return [name, { dtype: 'float32', shape: [1000], readBytes }];
      }),
    );
    let yielded = 0;
    for await (const chunk of write(tensors)) {
      if (chunk.length === 4000) yielded++;
      assert.ok(reads.length - yielded <= 0, `${reads.length} read, ${yielded} written`);
    }
    assert.equal(reads, ['a', 'b', 'c']);
  });

  test(`${write.name} refuses bytes that do not fit the shape`, async () => {
    const short: ReadableTensor = { dtype: 'int64', shape: [2, 2], readBytes: async () => new Uint8Array(31) };
    const error = await failure(write(new Map([['fc.weight', short]])));
    assert.instance(error, FormatError);
    assert.match(error.message, "'fc.weight' of shape [2, 2] and int64 needs 32 bytes, given 31");
  });
}

test('what a format cannot hold is refused', async () => {
  const labels = { dtype: 'uint32', shape: [1], data: Uint32Array.of(1) } as const;
  const unsigned = await failure(writePth(new Map([['labels', labels]])));
  assert.instance(unsigned, ShapeError);
  assert.match(unsigned.message, "'labels' is uint32; PyTorch before 2.3 has float32, float64, ");
  const twice = await failure(writePth(new Map(), { metadata: { state_dict: '' } }));
  assert.match(twice.message, 'metadata cannot be called state_dict');
  const reserved = await failure(streamSafetensors(new Map([['__metadata__', labels]])));
  assert.match(reserved.message, 'no tensor can be called __metadata__');
});

test('crc32 is that of zip files, in one piece or several', () => {
  const digits = new TextEncoder().encode('123456789');
  assert.is(crc32(digits), 0xcbf43926);
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) >> 3);
  for (const at of [0, 1, 7, 8, 500]) assert.is(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at))), crc32(bytes));
});

test('beyond 4 GiB the directory is ZIP64', async () => {
  const tensors = new Map([...writtenTensors()].slice(0, 12));
  const whole = await gather(writePth(tensors));
  const { records, directory } = readDirectory(whole);
  const shift = 5 * 2 ** 30;
  const shifted = records.map((record) => ({ ...record, offset: record.offset + shift }));
  const tail = zipDirectory(shifted, directory + shift);
  assert.ok(tail.length > whole.length - directory);
  await assertSame(await openCheckpoint(sparse(shift, Buffer.concat([whole.subarray(0, directory), tail]))), tensors);
});

/** Of a small archive without comments. */
function readDirectory(bytes: Uint8Array): { records: ZipRecord[]; directory: number } {
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  const records: ZipRecord[] = [];
  for (let at = directory; view.getUint32(at, true) === 0x02014b50; ) {
    const nameBytes = view.getUint16(at + 28, true);
    records.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes)),
      size: view.getUint32(at + 24, true),
      crc: view.getUint32(at + 16, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameBytes + view.getUint16(at + 30, true);
  }
  return { records, directory };
}

/** A file of zeros up to `skipped`, but for the first bytes, which tell the format. */
function sparse(skipped: number, rest: Uint8Array): ByteSource {
  const read = async (offset: number, length: number) => {
    const bytes = new Uint8Array(length);
    if (offset === 0) bytes.set([0x50, 0x4b]);
    const first = Math.max(offset, skipped);
    if (first < offset + length) bytes.set(rest.subarray(first - skipped, offset + length - skipped), first - offset);
    return bytes;
  };
  return { name: 'large.pth', size: skipped + rest.length, read };
}

const { WGRAD_DATA } = process.env;
if (!WGRAD_DATA) console.log('skipped: writing real weights needs WGRAD_DATA with pretrained/');
for (const name of ['resnet20-12fca82f.th', 'mnist.pt', 'mnist.safetensors', 'mobilenetV1X0.25_pretrain.tar']) {
  (WGRAD_DATA ? test : test.skip)(`${name} goes through both formats unchanged`, async () => {
    const file = await openPath(join(WGRAD_DATA!, 'pretrained', name));
    try {
      const pth = await openCheckpoint(await gather(writePth(file.tensors)));
      assert.equal([...pth.tensors.keys()], [...file.tensors.keys()]);
      await assertSame(pth, file.tensors);
      await assertSame(await openCheckpoint(await gather(streamSafetensors(pth.tensors))), file.tensors);
    } finally {
      await file.close();
    }
  });
}

test.run();
