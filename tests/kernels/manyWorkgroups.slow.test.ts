// More than 65,535 workgroups in one dimension, for the rooms whose fast cases have no tensor that large: launches fold
// into another dimension, for a GPU's tiles and groups as for those of this adapter.
import { suite } from 'uvu';
import { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { registry } from '../../kernels/registry.ts';
import { type AnyCase, checkOnGpu } from '../../lab/checkCase.ts';

const LENGTH = 65_536 * 64 + 3;
const matrix = { shape: [2049, 2047] };
const vector = { shape: [LENGTH] };
const positive = { shape: [LENGTH], fill: 'positive' } as const;
const rows = { x: { shape: [2048, 2049, 1], fill: 'ties' } } as const;

/** What differs from the room's first case. */
const LARGE: Record<string, Partial<AnyCase>> = {
  ...Object.fromEntries(
    ['affine', 'gelu', 'leakyRelu', 'sigmoid', 'silu', 'tanh'].map((name) => [name, { inputs: { x: matrix } }]),
  ),
  ...Object.fromEntries(['mul', 'sub'].map((name) => [name, { inputs: { x: matrix, other: matrix } }])),
  div: { inputs: { x: matrix, other: { ...matrix, fill: 'positive' } } },
  ...Object.fromEntries(['amax', 'argmax', 'mean'].map((name) => [name, { inputs: rows, options: { dim: 2 } }])),
  adam: { inputs: { parameters: vector, gradients: vector, expAvg: vector, expAvgSq: positive } },
  rmsprop: { inputs: { parameters: vector, gradients: vector, squareAvg: positive } },
  clipToNorm: { inputs: { gradients: vector, norm: { shape: [], fill: { values: [20] } } } },
  clipToValue: { inputs: { gradients: vector } },
  gradientNorm: { inputs: { x0: vector } },
  resizeNormalize: {
    inputs: { x: { shape: [40, 30], fill: { integersBelow: 2 ** 24 } } },
    options: { resized: [2049, 2047], offset: [0, 0], crop: [2049, 2047], mean: [0.5], std: [0.25] },
  },
  conv2d: { inputs: { x: { shape: [1, 1, 2050, 2050] }, weight: { shape: [2, 1, 2, 2] } }, options: {} },
  linear: { inputs: { x: { shape: [LENGTH, 1] }, weight: { shape: [2, 1] } }, options: {} },
};

const { gpu, adapterName } = await createDevice();
const test = suite('more than 65,535 workgroups');

for (const kind of ['lavapipe', 'gpu'] as const) {
  const device = new Device(gpu, { kind, adapterName });
  for (const room of registry) {
    const large = LARGE[room.operation.name];
    if (!large) continue;
    test(`${room.operation.name}, as chosen for ${kind === 'gpu' ? 'a GPU' : 'this adapter'}`, () =>
      checkOnGpu(device, room, { ...room.cases.cases[0], ...large } as AnyCase, 1));
  }
}
test.run();
