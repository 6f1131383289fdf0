// The shapes and options of max pooling that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { MaxPool2dOptions } from './maxPool2d.ts';

export const cases: Cases<MaxPool2dOptions> = {
  compared: ['y'], // how argmax is packed is the kernels' own; the gradient shows whether it is right
  cases: [
    {
      name: 'LeNet-5: 2x2 over six channels',
      inputs: { x: { shape: [2, 6, 10, 10], fill: 'distinct' } },
      options: { kernelSize: 2 },
    },
    {
      name: 'AlexNet: 3x3 stride 2, four channels at a time',
      inputs: { x: { shape: [2, 8, 13, 13], fill: 'distinct' } },
      options: { kernelSize: 3, stride: 2 },
    },
    {
      name: 'GoogLeNet: ceil mode keeps the last partial window',
      inputs: { x: { shape: [1, 4, 8, 7], fill: 'distinct' } },
      options: { kernelSize: 3, stride: 2, ceilMode: true },
    },
    {
      name: 'ceil mode drops a window that would start in the right padding',
      inputs: { x: { shape: [1, 2, 4, 4], fill: 'distinct' } },
      options: { kernelSize: 2, stride: 3, padding: 1, ceilMode: true },
    },
    {
      name: 'first maximum wins a tie, in overlapping windows too',
      inputs: { x: { shape: [2, 3, 7, 9], fill: 'ties' } },
      options: { kernelSize: 3, stride: 2, padding: 1 },
      gradients: false,
      reason: 'at a tie the derivative is one-sided; the reference routes it to the first maximum',
    },
    {
      name: 'padding never wins against negative values',
      inputs: { x: { shape: [1, 4, 5, 5], fill: { mean: -50, deviation: 1 } } },
      options: { kernelSize: 3, stride: 1, padding: 1 },
      gradients: false,
      reason: 'rounding of -50 in central differences would hide the point',
    },
    {
      name: 'NaN beats every number',
      inputs: { x: { shape: [1, 1, 3, 4], fill: { values: [1, NaN, 5, 2, 7, 3, NaN, NaN, -Infinity, 0, 4, 6] } } },
      options: { kernelSize: 2, stride: 1 },
      gradients: false,
      reason: 'a broken activation must not hide behind its neighbours; the last NaN takes the gradient, as in PyTorch',
    },
    {
      name: 'NaN beats every number, four channels at a time',
      inputs: { x: { shape: [1, 4, 1, 2], fill: { values: [1, NaN, NaN, 2, 3, 4, NaN, NaN] } } },
      options: { kernelSize: [1, 2] },
      gradients: false,
      reason: 'channel by channel',
    },
    {
      name: 'a kernel of more taps than fit a byte',
      inputs: { x: { shape: [1, 4, 17, 18], fill: 'distinct' } },
      options: { kernelSize: [16, 16], stride: 2, padding: 1 },
    },
    {
      name: 'stride 2 with an odd padding and odd sizes: tiles hang over every edge',
      inputs: { x: { shape: [2, 4, 9, 7], fill: 'distinct' } },
      options: { kernelSize: [5, 2], stride: 2, padding: [1, 1] },
    },
    {
      name: 'stride 2 beyond the kernel: some inputs are in no window',
      inputs: { x: { shape: [2, 3, 9, 8], fill: 'distinct' } },
      options: { kernelSize: 1, stride: 2 },
    },
    {
      name: 'dilated, rectangular',
      inputs: { x: { shape: [2, 5, 11, 8], fill: 'distinct' } },
      options: { kernelSize: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [2, 3] },
    },
    {
      name: 'more than 65,535 workgroups',
      inputs: { x: { shape: [1, 1, 2048, 2049], fill: 'ties' } },
      options: { kernelSize: 1, stride: 1 },
      gradients: false,
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick, chance }) => {
    const kernelSize = [integer(1, 4), integer(1, 4)] as const;
    const padding = [integer(0, kernelSize[0] >> 1), integer(0, kernelSize[1] >> 1)] as const;
    const isTiled = chance(0.4);
    const dilation = isTiled ? 1 : ([integer(1, 2), integer(1, 3)] as const);
    return {
      inputs: {
        x: { shape: [integer(1, 3), pick(1, 3, 4, 6, 8, 10), integer(10, 17), integer(10, 17)], fill: 'distinct' },
      },
      options: {
        kernelSize,
        padding,
        dilation,
        stride: isTiled ? 2 : ([integer(1, 3), integer(1, 3)] as const),
        ceilMode: chance(0.5),
      },
    };
  },
};
