// The convolutions that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { Conv2dOptions } from './conv2d.ts';

const layer = (x: number[], weight: number[], bias = true) => ({
  x: { shape: x },
  weight: { shape: weight },
  ...(bias ? { bias: { shape: [weight[0]] } } : {}),
});

export const cases: Cases<Conv2dOptions> = {
  cases: [
    {
      name: "LeNet-5's first: one channel to six",
      inputs: layer([2, 1, 14, 14], [6, 1, 5, 5]),
      options: { padding: 2 },
    },
    { name: "LeNet-5's second: six to sixteen", inputs: layer([2, 6, 9, 9], [16, 6, 5, 5]), options: {} },
    { name: 'VGG: 3x3, channels in fours', inputs: layer([1, 8, 9, 7], [12, 8, 3, 3]), options: { padding: 1 } },
    {
      name: 'VGG: many channels',
      inputs: layer([2, 32, 6, 9], [36, 32, 3, 3]),
      options: { padding: 1 },
    },
    {
      name: 'without padding, tiles that fit',
      inputs: layer([1, 8, 10, 6], [4, 8, 3, 3], false),
      options: {},
      reason: 'Winograd where it is asked for: the pieces begin at the border',
    },
    { name: 'NiN: 1x1', inputs: layer([2, 12, 5, 5], [8, 12, 1, 1]), options: {} },
    {
      name: 'ResNet: 1x1 stride 2 without bias',
      inputs: layer([2, 8, 7, 7], [12, 8, 1, 1], false),
      options: { stride: 2 },
    },
    {
      name: 'AlexNet: 11x11 stride 4 over colours',
      inputs: layer([1, 3, 31, 31], [8, 3, 11, 11]),
      options: { stride: 4, padding: 2 },
    },
    { name: 'ResNet: 7x7 stride 2', inputs: layer([2, 3, 17, 15], [4, 3, 7, 7]), options: { stride: 2, padding: 3 } },
    { name: 'more than 64 output channels', inputs: layer([1, 5, 6, 6], [70, 5, 3, 3]), options: { padding: 1 } },
    {
      name: 'dilated, rectangular',
      inputs: layer([2, 3, 11, 13], [5, 3, 3, 2]),
      options: { stride: [2, 1], padding: [1, 2], dilation: [2, 3] },
    },
    { name: 'groups', inputs: layer([2, 6, 7, 7], [9, 2, 3, 3]), options: { groups: 3, padding: 1 } },
    {
      name: 'groups with channels in fours',
      inputs: layer([2, 8, 6, 6], [16, 4, 3, 3]),
      options: { groups: 2, padding: 1 },
    },
    {
      name: 'groups of more than 64 output channels in fours',
      inputs: layer([1, 4, 4, 5], [136, 2, 2, 2]),
      options: { groups: 2 },
      reason: 'the last tile of a group reads past its own weights and bias',
    },
    {
      name: 'one tap of one channel',
      inputs: layer([2, 1, 5, 3], [3, 1, 1, 1]),
      options: {},
      reason: 'a reduction shorter than a subgroup',
    },
    {
      name: 'MobileNet: depthwise, channels in fours',
      inputs: layer([2, 8, 9, 7], [8, 1, 3, 3]),
      options: { groups: 8, padding: 1 },
    },
    {
      name: 'depthwise, dilated, rectangular, without bias',
      inputs: layer([3, 12, 8, 11], [12, 1, 2, 3], false),
      options: { groups: 12, stride: [1, 2], padding: [0, 2], dilation: [3, 2] },
    },
    { name: 'depthwise', inputs: layer([2, 6, 7, 7], [6, 1, 3, 3]), options: { groups: 6, padding: 1, stride: 2 } },
    { name: 'kernel as large as the padded input', inputs: layer([3, 4, 3, 3], [5, 4, 5, 5]), options: { padding: 1 } },
    {
      name: 'a stride that leaves input pixels untouched',
      inputs: layer([1, 2, 9, 9], [3, 2, 2, 2]),
      options: { stride: 4 },
    },
    {
      name: 'AlexNet: rectified at once',
      inputs: layer([2, 6, 9, 9], [16, 6, 5, 5]),
      options: { padding: 2, relu: true },
    },
    {
      name: 'VGG: rectified at once, channels in fours',
      inputs: layer([1, 8, 9, 7], [12, 8, 3, 3]),
      options: { padding: 1, relu: true },
    },
    {
      name: 'depthwise, rectified at once',
      inputs: layer([2, 8, 7, 7], [8, 1, 3, 3]),
      options: { groups: 8, padding: 1, relu: true },
    },
    {
      name: 'pixels enough to split the weight gradient',
      inputs: layer([3, 2, 40, 40], [3, 2, 3, 3]),
      options: { padding: 1 },
      reason: 'several parts, and a part that is shorter than the others',
    },
  ],
  draw: ({ integer, pick, chance }) => {
    const groups = pick(1, 1, 1, 2, 3);
    const [kernelHeight, kernelWidth] = [integer(1, 4), integer(1, 4)];
    const [channels, out] = [groups * pick(1, 2, 3, 4, 5), groups * pick(1, 2, 4, 6, 8, 17)];
    return {
      inputs: layer(
        [integer(1, 3), channels, integer(8, 13), integer(8, 13)],
        [out, channels / groups, kernelHeight, kernelWidth],
        chance(0.7),
      ),
      options: {
        groups,
        relu: chance(0.25),
        stride: [integer(1, 3), integer(1, 3)],
        padding: [integer(0, 2), integer(0, 2)],
        dilation: [integer(1, 2), integer(1, 2)],
      },
      // the gradient of a single bias may cancel to a thousandth of its terms, rounding included
      ...(out === 1 && { tolerance: 1e-2 }),
    };
  },
};
