// The batches that matter, each with its reason. Plans are written out: they are tables, not shapes.
import type { Case, Cases } from '../reference.ts';
import type { AugmentGatherOptions } from './augmentGather.ts';

/** Values are copied, never computed. */
const tolerance = 0;

export const cases: Cases<AugmentGatherOptions> = {
  cases: [
    {
      name: 'colour, padded by four, flipped',
      ...problem({ count: 3, image: [3, 8, 8], size: [8, 8], samples: [2, 0], fills: [0x7f0103] }, (i, extent) =>
        i - 3 < 0 ? -1 : extent - 1 - (i - 3),
      ),
    },
    {
      name: 'grey, bytes that are no multiple of four',
      ...problem({ count: 5, image: [1, 5, 3], size: [2, 4], samples: [4, 4, 1] }, (i, extent) => (i * 2) % extent),
      reason: 'the last word is filled up, so every image starts a word',
    },
    {
      name: 'colour of odd sizes',
      ...problem({ count: 2, image: [3, 3, 5], size: [3, 5], samples: [1, 0] }, (i) => i),
    },
    {
      name: 'four fills; the later one shows where two meet',
      ...problem(
        { count: 1, image: [3, 2, 2], size: [6, 6], samples: [0], fills: [1, 0x200, 0x30000, 0x40404] },
        (i) => 1 - i,
      ),
    },
    { name: 'one pixel', ...problem({ count: 1, image: [1, 1, 1], size: [1, 1], samples: [0] }, () => 0) },
    {
      name: 'more than 65,535 workgroups',
      ...problem({ count: 1, image: [1, 2, 2], size: [2048, 2049], samples: [0] }, (i) => i % 2),
      reason: 'the launch must fold into a second dimension',
    },
  ],
  draw: ({ integer, pick }) => {
    const count = integer(1, 40);
    const fills = Array.from({ length: integer(0, 4) }, () => integer(0, 2 ** 24 - 1));
    const samples = Array.from({ length: integer(1, 9) }, () => integer(0, count - 1));
    const image = [pick(1, 3), integer(1, 13), integer(1, 13)] as const;
    return problem({ count, image, size: [integer(1, 13), integer(1, 13)], samples, fills }, (_, extent) =>
      integer(-fills.length, extent - 1),
    );
  },
};

/** Each sample's rows and columns by `shown`, given the output's coordinate and the image's extent. */
function problem(
  {
    count,
    image,
    size,
    samples,
    fills = [],
  }: AugmentGatherOptions & { readonly count: number; readonly samples: readonly number[] },
  shown: (i: number, extent: number) => number,
): Omit<Case<AugmentGatherOptions>, 'name'> {
  const [channels, height, width] = image;
  const words = Math.ceil((channels * height * width) / 4);
  const plan = samples.flatMap((sample) => [
    sample,
    ...Array.from({ length: size[0] }, (_, i) => shown(i, height)),
    ...Array.from({ length: size[1] }, (_, i) => shown(i, width)),
  ]);
  return {
    inputs: {
      images: { shape: [count, words], fill: { values: Array.from({ length: count * words }, (_, i) => word(i)) } },
      plan: { shape: [samples.length, 1 + size[0] + size[1]], fill: { values: plan } },
    },
    options: { image, size, fills },
    tolerance,
  };
}

/** Cases hold float32, whose 24 bits fill the lower three bytes of even words and the upper three of odd ones. */
function word(i: number): number {
  const bits = (Math.imul(i + 1, 0x9e3779b1) >>> 8) % 2 ** 24;
  return i % 2 === 0 ? bits : bits * 256;
}
