// The shapes and options of average pooling that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { AvgPool2dOptions } from './avgPool2d.ts';

export const cases: Cases<AvgPool2dOptions> = {
  cases: [
    {
      name: 'LeNet-5 of 1998: 2x2 over six channels',
      inputs: { x: { shape: [2, 6, 10, 10] } },
      options: { kernelSize: 2 },
    },
    {
      name: 'GoogLeNet: 7x7 stride 1 down to one pixel, four channels at a time',
      inputs: { x: { shape: [2, 16, 7, 7] } },
      options: { kernelSize: 7, stride: 1 },
    },
    {
      name: 'Inception: 3x3 stride 1 keeps the size, padding counted',
      inputs: { x: { shape: [1, 8, 6, 5] } },
      options: { kernelSize: 3, stride: 1, padding: 1 },
    },
    {
      name: 'padding not counted',
      inputs: { x: { shape: [1, 8, 6, 5] } },
      options: { kernelSize: 3, stride: 1, padding: 1, countIncludePad: false },
    },
    {
      name: 'ceil mode counts a hanging window only up to the padded border',
      inputs: { x: { shape: [1, 3, 6, 6] } },
      options: { kernelSize: 3, stride: 2, padding: 1, ceilMode: true },
    },
    {
      name: 'ceil mode with padding not counted',
      inputs: { x: { shape: [1, 3, 6, 6] } },
      options: { kernelSize: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad: false },
    },
    {
      name: 'ceil mode drops a window that would start in the right padding',
      inputs: { x: { shape: [1, 2, 4, 4] } },
      options: { kernelSize: 2, stride: 3, padding: 1, ceilMode: true },
    },
    {
      name: 'a divisor of its own, negative',
      inputs: { x: { shape: [2, 3, 5, 7] } },
      options: { kernelSize: [2, 3], stride: [2, 1], padding: [1, 0], divisorOverride: -5 },
    },
    {
      name: 'stride beyond the kernel leaves pixels without gradient',
      inputs: { x: { shape: [2, 5, 11, 8] } },
      options: { kernelSize: [1, 2], stride: [3, 4] },
    },
    {
      name: 'single pixel',
      inputs: { x: { shape: [1, 1, 1, 1] } },
      options: { kernelSize: 1 },
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
    return {
      inputs: { x: { shape: [integer(1, 3), pick(1, 3, 4, 6, 8, 10), integer(4, 17), integer(4, 17)] } },
      options: {
        kernelSize,
        padding: [integer(0, kernelSize[0] >> 1), integer(0, kernelSize[1] >> 1)],
        stride: [integer(1, 5), integer(1, 5)],
        ceilMode: chance(0.5),
        countIncludePad: chance(0.5),
        ...(chance(0.2) ? { divisorOverride: integer(1, 9) } : {}),
      },
    };
  },
};
