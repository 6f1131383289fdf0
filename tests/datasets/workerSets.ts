// Data sets of a few pixels that workers open by their source, some of them broken on purpose.
import { isMainThread } from 'node:worker_threads';
import type { ImageDataset, Sample } from '../../datasets/imageDataset.ts';
import { FormatError } from '../../kernels/errors.ts';

type Export = keyof typeof import('./workerSets.ts');

/** Images of [4, 5, 3] whose bytes follow from index and place. */
export function numberedImages(count: number): ImageDataset {
  return setOf('numberedImages', [count], count, (index) => sample(index));
}

class PictureError extends FormatError {}

/** `at` is damaged. */
export function damagedImages(count: number, at: readonly number[]): ImageDataset {
  return setOf('damagedImages', [count, at], count, (index) => {
    if (at.includes(index)) throw new PictureError(`picture-${index}.jpg: at byte 7: found 0, expected 255`);
    return sample(index);
  });
}

/** A program error in one sample. */
export function faultyImages(count: number, at: number): ImageDataset {
  return setOf('faultyImages', [count, at], count, (index) => {
    if (index === at) throw new TypeError(`no such thing as ${index}`);
    return sample(index);
  });
}

/** The worker that reads `at` ends, as one that crashed. */
export function endingImages(count: number, at: number): ImageDataset {
  return setOf('endingImages', [count, at], count, (index) => {
    if (index === at && !isMainThread) process.exit(3);
    return sample(index);
  });
}

/** The worker that reads `at` runs out of memory. */
export function hungryImages(count: number, at: number): ImageDataset {
  return setOf('hungryImages', [count, at], count, (index) => {
    const hoard: unknown[] = [];
    while (index === at && !isMainThread) hoard.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    return sample(index);
  });
}

/** Each image has another height. */
export function growingImages(count: number): ImageDataset {
  return setOf('growingImages', [count], count, (index) => sample(index, index + 1));
}

/** Targets that are no numbers. */
export function boxedImages(count: number): ImageDataset<{ boxes: number[] }> {
  const images = numberedImages(count);
  return {
    ...images,
    source: sourceOf('boxedImages', [count]),
    get: async (index) => ({ image: (await images.get(index)).image, target: { boxes: [index, index + 0.5] } }),
  };
}

/** Targets that cannot leave their thread. */
export function boundImages(count: number): ImageDataset<() => number> {
  const images = numberedImages(count);
  return {
    ...images,
    source: sourceOf('boundImages', [count]),
    get: async (index) => ({ image: (await images.get(index)).image, target: () => index }),
  };
}

/** In a worker it is shorter, as if files had gone. */
export function shrinkingImages(count: number): ImageDataset {
  return setOf('shrinkingImages', [count], isMainThread ? count : count - 1, (index) => sample(index));
}

/** Opens here, but not in a worker. */
export function absentImages(count: number): ImageDataset {
  if (!isMainThread) throw new FormatError('images/: not there any more');
  return setOf('absentImages', [count], count, (index) => sample(index));
}

function setOf(
  name: Export,
  args: readonly unknown[],
  count: number,
  get: (index: number) => Sample<number>,
): ImageDataset {
  const classes = ['a', 'b', 'c'];
  return {
    ...{ name, count, classes, bad: [], source: sourceOf(name, args) },
    labels: Uint32Array.from({ length: count }, (_, i) => i % 3),
    get: async (index) => {
      await new Promise((resolve) => setImmediate(resolve)); // as reading a file does
      return get(index);
    },
  };
}

const sourceOf = (name: Export, args: readonly unknown[]) => ({ module: import.meta.url, export: name, args });

function sample(index: number, height = 4): Sample<number> {
  const data = Uint8Array.from({ length: height * 15 }, (_, i) => (index * 37 + i * 11) % 251);
  return { image: { width: 5, height, channels: 3, data }, target: index % 3 };
}
