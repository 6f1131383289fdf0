import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseIdx, readIdx } from '../../datasets/index.ts';
import { FormatError } from '../../kernels/errors.ts';
import { idxBytes, idxHeader } from './idxFile.ts';

const parse = (bytes: Uint8Array) => parseIdx({ name: 'a.idx', bytes });
const read = (bytes: Uint8Array) => readIdx({ name: 'a.gz', bytes });

test('parseIdx reads sizes and bytes, without copying them', () => {
  const bytes = idxBytes([2, 3, 4]);
  const { shape, data } = parse(bytes);
  assert.equal(shape, [2, 3, 4]);
  assert.equal(
    Array.from(data),
    Array.from({ length: 24 }, (_, i) => i),
  );
  assert.is(data.buffer, bytes.buffer);
});

test('parseIdx reads every dtype of the format, big-endian, also at an unaligned place', () => {
  const cases: [
    dtype: number,
    size: number,
    write: (view: DataView, at: number, value: number) => void,
    type: string,
  ][] = [
    [9, 1, (view, at, value) => view.setInt8(at, value), 'Int8Array'],
    [11, 2, (view, at, value) => view.setInt16(at, value), 'Int16Array'],
    [12, 4, (view, at, value) => view.setInt32(at, value), 'Int32Array'],
    [13, 4, (view, at, value) => view.setFloat32(at, value), 'Float32Array'],
    [14, 8, (view, at, value) => view.setFloat64(at, value), 'Float64Array'],
  ];
  for (const [dtype, size, write, type] of cases) {
    const header = idxHeader(dtype, [3]);
    const bytes = new Uint8Array(1 + header.length + 3 * size).subarray(1);
    bytes.set(header);
    const values = [-3, 0, 100];
    values.forEach((value, i) => {
      write(new DataView(bytes.buffer, 1), header.length + i * size, value);
    });
    const { data } = parse(bytes);
    assert.is(data.constructor.name, type);
    assert.equal(Array.from(data), values);
  }
});

test('readIdx tells gzip from plain bytes by content', async () => {
  const bytes = idxBytes([50, 40]);
  assert.equal(Array.from((await read(gzipSync(bytes))).data), Array.from((await read(bytes)).data));
});

test('parseIdx says where a damaged file departs from the format', () => {
  const withByte = (at: number, value: number): Uint8Array => {
    const bytes = idxBytes([2, 3]);
    bytes[at] = value;
    return bytes;
  };
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(), 'a.idx: at byte 0: found the end of the file, expected an IDX magic number of 4 bytes'],
    [
      withByte(0, 0x50),
      'a.idx: at byte 0: found 50 00 08 02, expected an IDX magic number: 00 00, dtype code, number of dimensions',
    ],
    [withByte(2, 0x0a), 'a.idx: at byte 2: found dtype code 0a, expected 08, 09, 0b, 0c, 0d or 0e (uint8 to float64)'],
    [withByte(3, 0), 'a.idx: at byte 3: found 0 dimensions, expected 1 to 8'],
    [withByte(3, 255), 'a.idx: at byte 3: found 255 dimensions, expected 1 to 8'],
    [
      idxBytes([2, 3]).subarray(0, 10),
      'a.idx: at byte 10: found the end of the file, expected a header of 12 bytes for 2 dimensions',
    ],
    [
      idxBytes([2, 3]).subarray(0, 16),
      'a.idx: at byte 16: the file is truncated: found 16 bytes in all, expected 18 for uint8 [2, 3] after a header of 12',
    ],
    [
      new Uint8Array([...idxBytes([2, 3]), 0]),
      'a.idx: at byte 18: bytes follow the last element: found 19 bytes in all, expected 18 for uint8 [2, 3] after a header of 12',
    ],
    [
      idxHeader(8, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1]),
      'a.idx: at byte 4: found dimensions [4294967295, 4294967295, 4294967295] of uint8, expected a file of at most 1073741824 bytes',
    ],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(
      () => parse(bytes),
      (error: Error) => {
        assert.instance(error, FormatError);
        assert.is(error.message, message);
        return true;
      },
    );
  }
});

test('readIdx refuses damaged gzip data', async () => {
  // Varied bytes, so that the compressed data is long enough to be cut in the middle.
  const bytes = idxBytes([200, 100]).map((byte, i) => (i < 12 ? byte : (byte * byte * i) >>> 3));
  const whole = gzipSync(bytes);
  const damaged = Uint8Array.from(whole);
  damaged[damaged.length - 6]! ^= 255;
  const cases: [Uint8Array, RegExp][] = [
    [whole.subarray(0, 6), /^a\.gz: gzip data damaged or truncated, after inflating 0 bytes from 6: /],
    [whole.subarray(0, whole.length - 100), /^a\.gz: gzip data damaged or truncated, after inflating \d+ bytes from /],
    [damaged, /^a\.gz: gzip data damaged or truncated/],
    [Uint8Array.from([...whole, 1, 2, 3]), /^a\.gz: gzip data damaged or truncated/],
    [gzipSync(bytes.subarray(0, 500)), /^a\.gz \(inflated\): at byte 500: the file is truncated: .* expected 20012/],
    [gzipSync(new Uint8Array(50).fill(65)), /^a\.gz \(inflated\): at byte 0: found 41 41 41 41, expected an IDX magic/],
  ];
  for (const [file, message] of cases) await rejects(read(file), message);
});

test('readIdx inflates a gzip bomb no further than its header allows', async () => {
  const bomb = new Uint8Array(64 << 20);
  bomb.set(idxHeader(8, [3, 4]));
  const file = gzipSync(bomb);
  const before = process.memoryUsage().arrayBuffers;
  await rejects(read(file), /^a\.gz: gzip data inflates to more than the 24 bytes that its header declares$/);
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 16 << 20, `${grown} bytes allocated`);
});

async function rejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => assert.unreachable('did not throw'),
    (thrown: Error) => thrown,
  );
  assert.instance(error, FormatError);
  assert.match((error as Error).message, message);
}

test.run();
