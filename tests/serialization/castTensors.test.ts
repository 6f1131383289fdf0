// 32-bit floats to 16 bits and back, and which tensors of a file are converted.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../engine/serialization/byteSource.ts';
import { castTensors } from '../../engine/serialization/castTensors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../../engine/serialization/halfFloats.ts';
import { openCheckpoint } from '../../engine/serialization/openCheckpoint.ts';
import { float32ToBfloat16, float32ToFloat16 } from '../../engine/serialization/roundToHalf.ts';
import { writeSafetensors } from '../../engine/serialization/safetensors.ts';
import { ShapeError } from '../../kernels/errors.ts';

const test = suite('castTensors');

const EVERY = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);

test('every float16 comes back from float32 as it was', () => {
  const back = float32ToFloat16(float16ToFloat32(EVERY));
  const isNumber = (bits: number) => (bits & 0x7fff) <= 0x7c00;
  assert.equal(back.filter(isNumber), EVERY.filter(isNumber));
  assert.ok(back.every((bits, i) => isNumber(bits) === isNumber(EVERY[i])));
});

test('every bfloat16 comes back from float32 as it was', () => {
  const back = float32ToBfloat16(bfloat16ToFloat32(EVERY));
  const isNumber = (bits: number) => (bits & 0x7fff) <= 0x7f80;
  assert.equal(back.filter(isNumber), EVERY.filter(isNumber));
  assert.ok(back.every((bits, i) => isNumber(bits) === isNumber(EVERY[i])));
});

test('what lies between is rounded to the nearest, ties to the even one', () => {
  const half = (value: number) => float16ToFloat32(float32ToFloat16(Float32Array.of(value)))[0];
  assert.is(half(1 + 2 ** -11), 1);
  assert.is(half(1 + 2 ** -11 + 2 ** -20), 1 + 2 ** -10);
  assert.is(half(-(1 + 3 * 2 ** -11)), -(1 + 2 ** -9));
  assert.is(half(2 ** -25), 0);
  assert.is(half(3 * 2 ** -25), 2 ** -23);
  assert.is(half(65519), 65504);
  assert.is(half(65520), Infinity);
  const brain = (value: number) => bfloat16ToFloat32(float32ToBfloat16(Float32Array.of(value)))[0];
  assert.is(brain(1 + 2 ** -8), 1);
  assert.is(brain(1 + 3 * 2 ** -8), 1 + 2 ** -6);
  assert.is(brain(-3.4028234e38), -Infinity);
});

test('only floating-point tensors are converted', async () => {
  const bytes = writeSafetensors(
    new Map([
      ['weight', { dtype: 'float32', shape: [2], data: Float32Array.of(0.1, -2) }],
      ['count', { dtype: 'int64', shape: [], data: BigInt64Array.of(5n) }],
    ]),
  );
  const { tensors } = await openCheckpoint(bytesSource(bytes));
  const cast = castTensors(tensors, 'bfloat16');
  assert.is(cast.get('weight')!.dtype, 'bfloat16');
  assert.equal([...(await cast.get('weight')!.readBytes())], [0xcd, 0x3d, 0x00, 0xc0]);
  assert.is(cast.get('count'), tensors.get('count'));
});

test('a number that float16 cannot hold is refused by its name', async () => {
  const bytes = writeSafetensors(
    new Map([['bn.running_var', { dtype: 'float32', shape: [3], data: Float32Array.of(1, Infinity, -7e4) }]]),
  );
  const { tensors } = await openCheckpoint(bytesSource(bytes));
  try {
    await castTensors(tensors, 'float16').get('bn.running_var')!.readBytes();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ShapeError);
    assert.match((error as Error).message, "'bn.running_var' has -70000, beyond float16: use bfloat16");
  }
});

test('a float64 beyond float32 is refused too, not taken for an infinity', async () => {
  const values = new Uint8Array(Float64Array.of(1e300, Infinity).buffer);
  const header = JSON.stringify({ w: { dtype: 'F64', shape: [2], data_offsets: [0, 16] } });
  const bytes = new Uint8Array(8 + header.length + 16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  bytes.set(values, 8 + header.length);
  const { tensors } = await openCheckpoint(bytesSource(bytes));
  await castTensors(tensors, 'float16')
    .get('w')!
    .readBytes()
    .then(
      () => assert.unreachable('did not throw'),
      (error: Error) => assert.match(error.message, "'w' has 1e+300, beyond float16"),
    );
});

test.run();
