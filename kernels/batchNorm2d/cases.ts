// The shapes, statistics and options of batch normalisation that matter, each with its reason.
import { sizeOf } from '../definition.ts';
import type { CaseInput, Cases, Draw } from '../reference.ts';
import type { BatchNorm2dOptions } from './batchNorm2d.ts';

export const cases: Cases<BatchNorm2dOptions> = {
  cases: [
    {
      name: 'ResNet: training, four channels at a time',
      inputs: { x: { shape: [4, 16, 7, 7] }, ...affine(16), ...running(16) },
      options: { training: true },
    },
    {
      name: 'ResNet: inference',
      inputs: { x: { shape: [2, 16, 7, 7] }, ...affine(16), ...running(16) },
      options: { training: false },
    },
    {
      name: 'ResNet: rectified',
      inputs: { x: { shape: [4, 16, 7, 7] }, ...affine(16), ...running(16) },
      options: { training: true, relu: true },
    },
    {
      name: 'ResNet: the end of a block, residual and rectifier',
      inputs: { x: { shape: [4, 16, 7, 7] }, ...affine(16), ...running(16), residual: { shape: [4, 16, 7, 7] } },
      options: { training: true, relu: true },
    },
    {
      name: 'residual without rectifier, three channels',
      inputs: { x: { shape: [3, 3, 5, 4] }, ...affine(3), residual: { shape: [3, 3, 5, 4] } },
      options: { training: true },
    },
    {
      name: 'inference, rectified',
      inputs: { x: { shape: [2, 6, 7, 5] }, ...affine(6), ...running(6) },
      options: { training: false, relu: true },
    },
    {
      name: 'inference, residual and rectifier',
      inputs: { x: { shape: [2, 8, 5, 5] }, ...affine(8), ...running(8), residual: { shape: [2, 8, 5, 5] } },
      options: { training: false, relu: true },
    },
    {
      name: 'LeNet-5 with batch norm: six channels',
      inputs: { x: { shape: [3, 6, 14, 14] }, ...affine(6), ...running(6) },
      options: { training: true },
    },
    {
      name: 'nothing but x',
      inputs: { x: { shape: [3, 5, 4, 3] } },
      options: { training: true },
    },
    {
      name: 'weight without bias, inference',
      inputs: { x: { shape: [1, 3, 4, 5] }, weight: { shape: [3] }, ...running(3) },
      options: { training: false, eps: 0.1 },
    },
    {
      name: 'bias without weight',
      inputs: { x: { shape: [2, 4, 5, 3], fill: { mean: 3, deviation: 2 } }, bias: { shape: [4] } },
      options: { training: true, eps: 1e-3 },
    },
    {
      name: 'momentum 1 replaces the running statistics',
      inputs: { x: { shape: [3, 7, 2, 5] }, ...affine(7), ...running(7) },
      options: { training: true, momentum: 1 },
    },
    {
      name: 'two values per channel, the fewest that training takes',
      inputs: { x: { shape: [2, 12, 1, 1] }, ...affine(12), ...running(12) },
      options: { training: true, eps: 0.1 },
      reason: 'with the default eps all values normalise to +-1 and dx vanishes in rounding',
    },
    {
      name: 'one value per channel in inference',
      inputs: { x: { shape: [1, 3, 1, 1] }, ...affine(3), ...running(3) },
      options: { training: false },
    },
    {
      name: 'mean 1e4 and deviation 1e-2',
      inputs: { x: { shape: [4, 8, 9, 9], fill: { mean: 1e4, deviation: 1e-2 } }, ...affine(8), ...running(8) },
      options: { training: true },
      gradients: false,
      reason: 'a step of 1e-5 is no small one against a deviation of 1e-2',
      float16: false,
    },
    {
      name: 'mean 1e4 and deviation 1e-2, one channel, merged twice',
      inputs: { x: { shape: [2, 1, 97, 101], fill: { mean: 1e4, deviation: 1e-2 } }, ...affine(1), ...running(1) },
      options: { training: true },
      gradients: false,
      reason: 'a step of 1e-5 is no small one against a deviation of 1e-2',
      float16: false,
    },
    {
      name: 'the first value is an outlier of 1e5 deviations',
      inputs: { x: { shape: [1, 1, 180, 180], fill: { values: outlierThenSteps(180 * 180) } } },
      options: { training: true },
      gradients: false,
      reason:
        'sums of squares shifted by that value alone would cancel the other deviations; too large for steps of 1e-5',
    },
    {
      name: 'constant channels: variance 0',
      inputs: { x: { shape: [2, 4, 6, 6], fill: { mean: 7, deviation: 0 } }, ...affine(4), ...running(4) },
      options: { training: true },
      gradients: false,
      reason: 'invStd is 1 / sqrt(eps): 316 times any rounding',
    },
    {
      name: 'many channels, few pixels',
      inputs: { x: { shape: [3, 516, 1, 2] }, ...affine(516), ...running(516) },
      options: { training: true },
    },
    {
      name: 'more than 16,384 rows are merged in two steps',
      inputs: { x: { shape: [1, 3, 131, 127] }, ...affine(3), ...running(3) },
      options: { training: true },
      gradients: false,
      reason: 'central differences of 50,000 elements take long and show nothing new',
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [1, 4194305, 1, 1], fill: 'ties' }, ...running(4194305) },
      options: { training: false },
      gradients: false,
      reason: 'the apply launches must fold into a second dimension',
    },
  ],
  draw: (draw) => {
    const { integer, pick, chance } = draw;
    const c = pick(1, 2, 3, 4, 6, 8, 10);
    const [training, relu] = [chance(0.6), chance(0.5)];
    const shape = [relu ? pick(4, 6) : integer(3, 5), c, integer(1, 11), integer(1, 11)];
    const moments = { mean: pick(-100, 0, 1), deviation: pick(0.5, 1, 3) };
    const residual = () => ({ shape, ...(relu && { fill: { values: farFromZero(shape, draw) } }) });
    return {
      inputs: {
        x: { shape, fill: relu ? { values: mirrored(shape, draw) } : moments },
        ...(chance(0.7) && { weight: { shape: [c], ...(relu && { fill: 'positive' as const }) } }),
        ...(chance(0.7) && { bias: { shape: [c], ...(relu && { fill: { mean: 0, deviation: 0.01 } }) } }),
        ...((!training || chance(0.7)) && running(c, relu)),
        ...(chance(0.4) && { residual: residual() }),
      },
      options: { training, momentum: pick(0, 0.1, 0.7), eps: pick(1e-5, 1e-3), relu },
      // the gradients of a single weight and bias may cancel to a thousandth of their terms, rounding included
      // and so may dx of two values a channel: normalised they are 1 and -1, whatever they were
      ...((c === 1 || sizeOf(shape) <= 2 * c) && { tolerance: 1e-2 }),
    };
  },
};

/** Values of 0.5 to 1.5, every second image the first one negated: normalised they stay off the rectifier's kink. */
function mirrored([n, c, h, w]: number[], { integer, pick }: Draw): number[] {
  const images = Array.from({ length: n / 2 }, () =>
    Array.from({ length: c * h * w }, () => pick(-1, 1) * (0.5 + integer(0, 100) / 100)),
  );
  return images.flatMap((image) => [...image, ...image.map((value) => -value)]);
}

/** Beyond what `mirrored` becomes with a weight below 1.5. */
function farFromZero(shape: number[], { pick }: Draw): number[] {
  return Array.from({ length: shape.reduce((product, extent) => product * extent) }, () => pick(-6, 6));
}

function affine(c: number): Record<'weight' | 'bias', CaseInput> {
  return { weight: { shape: [c] }, bias: { shape: [c] } };
}

function running(c: number, isCentred = false): Record<'runningMean' | 'runningVar', CaseInput> {
  const runningMean = { shape: [c], ...(isCentred && { fill: { mean: 0, deviation: 0.01 } }) };
  return { runningMean, runningVar: { shape: [c], fill: 'positive' } };
}

function outlierThenSteps(length: number): number[] {
  return Array.from({ length }, (_, i) => (i === 0 ? 0 : 1000 + (i % 10) * 1e-2));
}
