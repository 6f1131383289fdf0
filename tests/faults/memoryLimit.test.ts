// In Node, buffers of adapters on the processor leave the machine a part of its memory: the system would end the process.
import { totalmem } from 'node:os';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDevice } from '../../engine/node/createDevice.ts';
import { OutOfMemoryError } from '../../kernels/errors.ts';

const test = suite('memory limit in Node');

test('SwiftShader has a limit by itself, and a lower one is taken', async () => {
  const device = await createDevice({ adapter: 'swiftshader' });
  assert.ok(device.memoryLimit <= 0.8 * totalmem() && device.memoryLimit > 0);
  device.destroy();
  const small = await createDevice({ adapter: 'swiftshader', memoryLimit: 1e6 });
  assert.is(small.memoryLimit, 1e6);
  assert.throws(
    () => small.empty([1e6]),
    (error: Error) => error instanceof OutOfMemoryError,
  );
  small.destroy();
});

test('a limit that is none is refused', async () => {
  for (const memoryLimit of [0, -1, Number.NaN]) {
    try {
      await createDevice({ memoryLimit });
      assert.unreachable('expected a ShapeError');
    } catch (error) {
      assert.match(
        (error as Error).message,
        `memoryLimit: must be a number of bytes above 0, or Infinity for none, given ${memoryLimit}`,
      );
    }
  }
});

test.run();
