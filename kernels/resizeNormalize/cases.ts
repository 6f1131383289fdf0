// The resizes and crops that matter, each with its reason.
import type { Cases } from '../reference.ts';
import type { ResizeNormalizeOptions } from './resizeNormalize.ts';

/** Levels are exact, so only the normalisation rounds; a level off would be 0.004. */
const tolerance = 1e-6;
/** float32 holds 24 bits, which are red, green and blue. */
const fill = { integersBelow: 2 ** 24 };
const rgb = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const grey = { mean: [0.1307], std: [0.3081] };

export const cases: Cases<ResizeNormalizeOptions> = {
  cases: [
    {
      name: 'shrunk and cropped as for ImageNet, at a tenth of the size',
      inputs: { x: { shape: [33, 50], fill } },
      options: { resized: [26, 39], offset: [2, 8], crop: [22, 22], ...rgb },
      tolerance,
    },
    {
      name: 'enlarged',
      inputs: { x: { shape: [7, 5], fill } },
      options: { resized: [28, 20], offset: [3, 0], crop: [21, 20], ...rgb },
      tolerance,
    },
    {
      name: 'the size it has',
      inputs: { x: { shape: [9, 11], fill } },
      options: { resized: [9, 11], offset: [0, 0], crop: [9, 11], ...rgb },
      tolerance,
      reason: 'every level passes as it is',
    },
    {
      name: 'grey',
      inputs: { x: { shape: [17, 13], fill } },
      options: { resized: [6, 7], offset: [0, 1], crop: [5, 5], ...grey },
      tolerance,
      reason: 'luma before the resize, one channel out',
    },
    {
      name: 'a crop larger than the picture is black around it',
      inputs: { x: { shape: [4, 5], fill } },
      options: { resized: [8, 3], offset: [-2, -1], crop: [12, 6], ...rgb },
      tolerance,
    },
    {
      name: 'one pixel',
      inputs: { x: { shape: [1, 1], fill } },
      options: { resized: [3, 2], offset: [0, 0], crop: [3, 2], ...rgb },
      tolerance,
    },
    {
      name: 'two thousand rows into three, of different scale than the columns',
      inputs: { x: { shape: [2000, 3], fill } },
      options: { resized: [3, 7], offset: [0, 0], crop: [3, 7], ...rgb },
      tolerance,
      reason: 'weights of a few thousandths keep their 22 bits',
    },
  ],
  draw: ({ integer, pick }) => {
    const resized = [integer(1, 30), integer(1, 30)] as const;
    return {
      inputs: { x: { shape: [integer(1, 30), integer(1, 30)], fill } },
      options: {
        resized,
        offset: [integer(-3, 5), integer(-3, 5)],
        crop: [integer(1, 32), integer(1, 32)],
        ...pick(rgb, grey),
      },
      tolerance,
    };
  },
};
