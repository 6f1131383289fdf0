// Readers of pictures.
import { decodeImage } from '../../../datasets/node/decodeImage.ts';
import { readLabelPng } from '../../../datasets/node/readLabelPng.ts';
import { FormatError } from '../../../kernels/errors.ts';
import { mutateJpeg } from './mutate/jpeg.ts';
import { mutatePng } from './mutate/png.ts';
import { fixtureFiles } from './seeds.ts';
import { MIB, type Target } from './target.ts';

const refusals = [FormatError];
/** Larger pictures are refused by their header: what a service or a loader of small pictures would set. */
const MAX_PIXELS = 2 ** 20;

export const imageTargets: readonly Target[] = [
  {
    name: 'png',
    seeds: () => fixtureFiles('images', /\.png$/),
    mutators: [mutatePng, mutatePng, mutatePng],
    read: (bytes) => decodeImage(bytes, { maxPixels: MAX_PIXELS }),
    refusals,
    bound: { base: 64 * MIB, perByte: 1100 }, // deflate packs up to 1032 times
    share: 4,
  },
  {
    name: 'png of labels',
    seeds: () => fixtureFiles('images', /^grey(8|16).*\.png$/),
    mutators: [mutatePng, mutatePng],
    read: (bytes) => readLabelPng({ name: 'a.png', bytes }, [8, 16]),
    refusals,
    bound: { base: 64 * MIB, perByte: 16 * 1100 },
    share: 2,
  },
  {
    name: 'jpeg',
    seeds: () => fixtureFiles('images', /\.jpg$/),
    mutators: [mutateJpeg, mutateJpeg],
    read: (bytes) => decodeImage(bytes, { maxPixels: MAX_PIXELS }),
    refusals,
    bound: { base: 128 * MIB, perByte: 1100 }, // the decoder's memory, and up to 1024 pixels a byte
    share: 1,
  },
];
