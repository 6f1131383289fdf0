// The memory of a tensor in the hands of the application that shares the device.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDevice } from '../../engine/node/createDevice.ts';
import { DisposedError } from '../../kernels/errors.ts';

const device = await createDevice();
const test = suite('binding');

test("the application's own copy finds what was computed, channels-last", async () => {
  using _scope = device.scope();
  const y = device.tensor([1, 2, 3, 4, 5, 6], [1, 3, 1, 2]).mul(2); // [n, c, h, w]
  const { buffer, offset, size } = y.binding();
  assert.is(size, 24);
  const target = device.gpu.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  const encoder = device.gpu.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, target, 0, size);
  device.gpu.queue.submit([encoder.finish()]);
  await target.mapAsync(GPUMapMode.READ);
  assert.equal([...new Float32Array(target.getMappedRange())], [2, 6, 10, 4, 8, 12]);
  target.destroy();
});

test('a disposed tensor has none', () => {
  const x = device.tensor([1]);
  x.dispose();
  assert.throws(
    () => x.binding(),
    (error: Error) => error instanceof DisposedError,
  );
});

test.run();
