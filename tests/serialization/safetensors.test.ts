// Round trips, every element type, files that lie about themselves, and a real file byte for byte.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StateDict } from '../../engine/hostTensor.ts';
import { readSafetensors, writeSafetensors } from '../../engine/serialization/safetensors.ts';
import { FormatError } from '../../kernels/errors.ts';

const test = suite('safetensors');

const tensors: StateDict = new Map([
  ['conv1.weight', { dtype: 'float32', shape: [2, 1, 1, 2], data: Float32Array.of(1, -2.5, 3e-38, Number.NaN) }],
  ['bn1.num_batches_tracked', { dtype: 'int64', shape: [], data: BigInt64Array.of(-(2n ** 62n)) }],
  ['labels', { dtype: 'uint32', shape: [3], data: Uint32Array.of(0, 7, 2 ** 32 - 1) }],
  ['empty', { dtype: 'int32', shape: [0, 4], data: new Int32Array() }],
  ['__proto__', { dtype: 'int32', shape: [1], data: Int32Array.of(-1) }],
]);

test('what is written is read back, metadata included', () => {
  const metadata = { format: 'wgrad', ünïcode: '✓' };
  const read = readSafetensors(writeSafetensors(tensors, metadata));
  assert.equal(read.metadata, metadata);
  assert.equal([...read.tensors.keys()].sort(), [...tensors.keys()].sort());
  for (const [name, { data, ...rest }] of tensors) {
    const { data: actual, ...actualRest } = read.tensors.get(name)!;
    assert.equal(actualRest, rest);
    assert.equal(new Uint8Array(actual.buffer), new Uint8Array(data.buffer), name);
  }
});

test('every tensor lies at a multiple of its element size', () => {
  const bytes = writeSafetensors(tensors);
  const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.is(headerBytes % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
  assert.equal(header['bn1.num_batches_tracked'].data_offsets, [0, 8]);
});

test('16-bit, 64-bit and small types are converted', () => {
  const { tensors: read } = readSafetensors(
    file({
      half: { dtype: 'F16', shape: [5], bytes: [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c, 0x55, 0x35] },
      brain: { dtype: 'BF16', shape: [2], bytes: [0x80, 0x3f, 0x49, 0xc0] },
      double: { dtype: 'F64', shape: [1], bytes: [...new Uint8Array(Float64Array.of(0.1).buffer)] },
      bool: { dtype: 'BOOL', shape: [2], bytes: [0, 1] },
      byte: { dtype: 'I8', shape: [1], bytes: [0xff] },
    }),
  );
  assert.equal([...read.get('half')!.data], [1, -2, 2 ** -24, Infinity, 0.333251953125]);
  assert.equal([...read.get('brain')!.data], [1, -3.140625]);
  assert.equal([...read.get('double')!.data], [Math.fround(0.1)]);
  assert.equal([...read.get('bool')!.data], [0, 1]);
  assert.equal([...read.get('byte')!.data], [-1]);
});

const one = { dtype: 'F32', shape: [1], bytes: [0, 0, 0, 0] };
const bad: [what: string, bytes: Uint8Array, message: RegExp][] = [
  ['an empty file', new Uint8Array(), /at byte 0: the header's length needs 8 bytes, the file has 0/],
  [
    'a header longer than the file',
    Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d),
    /a header of 9 bytes does not fit/,
  ],
  ['a huge header', new Uint8Array(16).fill(255), /18446744073709551615 bytes does not fit a file of 16/],
  ['a header that is no JSON', raw('{"a":'), /at byte 8: the header is no JSON/],
  ['a header that is no object', raw('[]      '), /must begin with '\{'/],
  ['bytes that are no UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff), /no JSON/],
  ['an unknown dtype', file({ a: { ...one, dtype: 'F8_E4M3' } }), /'a' has dtype "F8_E4M3"/],
  ['a dtype that objects have', file({ a: { ...one, dtype: 'constructor' } }), /'a' has dtype "constructor"/],
  ['a negative extent', file({ a: { ...one, shape: [-1] } }), /'a' has shape \[-1\]/],
  ['a shape that disagrees with its bytes', file({ a: { ...one, shape: [2] } }), /needs 8 bytes, data_offsets give 4/],
  ['a shape that overflows', file({ a: { ...one, shape: [2 ** 40, 2 ** 40] } }), /data_offsets give 4/],
  [
    'offsets beyond the end',
    raw('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'),
    /'a' ends at 4 of 0 data bytes/,
  ],
  ['a missing entry', raw('{"a":null}'), /'a' has dtype undefined/],
  ['metadata that is no text', raw('{"__metadata__":{"a":1}}'), /__metadata__ must map names to texts/],
  ['bytes left over', Uint8Array.of(...file({ a: one }), 0), /tensors end at data byte 4, the file at 5/],
  [
    'tensors that overlap',
    raw(
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      [0, 0],
    ),
    /'b' begins at data byte 1, where 2 is expected/,
  ],
];
for (const [what, bytes, message] of bad) {
  test(`${what} is a FormatError that says where`, () => {
    assert.throws(
      () => readSafetensors(bytes, { file: 'model.safetensors' }),
      (error: Error) =>
        error instanceof FormatError &&
        error.message.startsWith('model.safetensors: at byte') &&
        message.test(error.message),
    );
  });
}

const real = join(process.env.WGRAD_DATA ?? '', 'pretrained', 'mnist.safetensors');
if (process.env.WGRAD_DATA && existsSync(real)) {
  test('a file written elsewhere is read byte for byte', () => {
    const bytes = readFileSync(real);
    const { tensors: read, metadata } = readSafetensors(bytes, { file: real });
    assert.is(read.size, 20);
    assert.equal(metadata, {});
    const headerBytes = bytes.readUInt32LE(0);
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes));
    for (const [name, { shape, data_offsets }] of Object.entries<{ shape: number[]; data_offsets: number[] }>(header)) {
      const { data, shape: given } = read.get(name)!;
      assert.equal(given, shape);
      const own = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      const [begin, end] = data_offsets.map((offset) => 8 + headerBytes + offset);
      assert.ok(own.equals(bytes.subarray(begin, end)), name);
    }
  });
} else {
  console.log('skipped: reading a real safetensors file needs WGRAD_DATA with pretrained/mnist.safetensors');
}

/** A file with tensors one after the other. */
function file(entries: Record<string, { dtype: string; shape: number[]; bytes: number[] }>): Uint8Array {
  let offset = 0;
  const header = Object.entries(entries).map(([name, { dtype, shape, bytes }]) => {
    const begin = offset;
    offset += bytes.length;
    return [name, { dtype, shape, data_offsets: [begin, offset] }];
  });
  return raw(
    JSON.stringify(Object.fromEntries(header)),
    Object.values(entries).flatMap(({ bytes }) => bytes),
  );
}

function raw(header: string, data: number[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(text.length & 255, text.length >> 8, 0, 0, 0, 0, 0, 0, ...text, ...data);
}

test.run();
