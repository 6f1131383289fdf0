// What the rooms choose on a real GPU (other cores, more parts and slabs), run on whatever adapter there is: the tests'
// software adapters would never choose it themselves.
import { suite } from 'uvu';
import { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { sizeOf } from '../../kernels/definition.ts';
import { registry } from '../../kernels/registry.ts';
import { checkOnGpu } from '../../lab/checkCase.ts';
import { drawFrom, uniformFrom } from '../../lab/inputs.ts';

const DRAWS = Number(process.env.WGRAD_DRAWS ?? 20);
/** Elements of an input; larger cases show how launches fold, which is the same everywhere. */
const MOST_ELEMENTS = 100_000;

const { gpu, adapterName } = await createDevice();
const device = new Device(gpu, { kind: 'gpu', adapterName: `${adapterName}, as if a GPU` });
const test = suite('choices for a GPU');

for (const room of registry) {
  const { operation, cases } = room;
  test(`${operation.name} is right`, async () => {
    for (const [i, kase] of cases.cases.entries()) {
      if (Object.values(kase.inputs).every(({ shape }) => sizeOf(shape) <= MOST_ELEMENTS)) {
        await checkOnGpu(device, room, kase, i);
      }
    }
    for (let i = 0; i < DRAWS; i++) await checkOnGpu(device, room, cases.draw(drawFrom(uniformFrom(i))), i);
    // with float16 stored natively, where the adapter has it
    for (let i = 0; i < DRAWS / 4; i++) {
      const drawn = cases.draw(drawFrom(uniformFrom(i)));
      if (drawn.float16 !== false) await checkOnGpu(device, room, drawn, i, { halves: 'all' });
    }
  });
}
test.run();
