// Problems that must be cut and not refused where a tensor exceeds the binding limit. The rooms' own suite lets refusals
// pass, as single units of its draws may exceed 4 KiB.
import { suite } from 'uvu';
import { createDevice } from '../../engine/node/createDevice.ts';
import { registry } from '../../kernels/registry.ts';
import { type AnyCase, checkOnGpu } from '../../lab/checkCase.ts';

const device = await createDevice({ bindingLimit: 4096 });
const test = suite('launches cut by the binding limit');

const problems: Record<string, [room: string, problem: AnyCase]> = {
  'linear: a gradient of y that is summed into the bias': [
    'linear',
    {
      inputs: { x: { shape: [64, 4] }, weight: { shape: [64, 4] }, bias: { shape: [64] } },
      options: {},
    },
  ],
  'conv2d: more images than partial weight gradients fit a binding': [
    'conv2d',
    {
      inputs: { x: { shape: [256, 1, 8, 8] }, weight: { shape: [4, 1, 1, 1] }, bias: { shape: [4] } },
      options: {},
    },
  ],
  'conv2d: a prime number of images': [
    'conv2d',
    {
      inputs: { x: { shape: [13, 4, 8, 8] }, weight: { shape: [3, 4, 2, 2] } },
      options: { stride: 2 },
    },
  ],
  'matmul: all three matrices': [
    'matmul',
    {
      inputs: { a: { shape: [64, 64] }, b: { shape: [64, 64] } },
      options: {},
    },
  ],
  'amax: equal maxima on both sides of a cut': [
    'amax',
    {
      inputs: { x: { shape: [70, 64], fill: 'ties' } },
      options: {},
    },
  ],
};

for (const [name, [room, problem]] of Object.entries(problems)) {
  test(name, () => checkOnGpu(device, registry.find(({ operation }) => operation.name === room)!, problem, 1));
}
test.run();
