// Some samples of a data set, as a data set.
import { ShapeError } from '../kernels/errors.ts';
import { checkSampleIndex } from './checkSampleIndex.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetSource, ImageDataset } from './imageDataset.ts';
import { openSource } from './loader/openSource.ts';

/**
 * The samples at `indices`, in that order; an index may come more than once. Data in memory is copied, except for a
 * run of neighbours, which stays a view.
 * @throws ShapeError for no indices, or one outside the data set
 */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset;
export function subset<Target>(dataset: ImageDataset<Target>, indices: ArrayLike<number>): ImageDataset<Target>;
export function subset<Target>(
  dataset: Dataset | ImageDataset<Target>,
  indices: ArrayLike<number>,
): Dataset | ImageDataset<Target> {
  const { name, count } = dataset;
  if (indices.length === 0) throw new ShapeError(`subset: no indices given into ${name}`);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (Number.isInteger(index) && index >= 0 && index < count) continue;
    throw new ShapeError(`subset: indices[${i}] is ${index}, but ${name} has ${count} samples`);
  }
  const chosen = Uint32Array.from(indices);
  return 'get' in dataset ? ofImages(dataset, chosen) : inMemory(dataset, chosen);
}

/** What a worker calls for a subset of images. */
export async function openSubset<Target>(source: DatasetSource, indices: Uint32Array): Promise<ImageDataset<Target>> {
  return subset(await openSource<Target>(source), indices);
}

function ofImages<Target>(whole: ImageDataset<Target>, indices: Uint32Array): ImageDataset<Target> {
  const { name, classes, labels, bad, source } = whole;
  return {
    name,
    classes,
    bad,
    count: indices.length,
    ...(labels && { labels: indices.map((index) => labels[index]!) }),
    ...(source && { source: { module: import.meta.url, export: 'openSubset', args: [source, indices] } }),
    async get(index) {
      checkSampleIndex({ name: `subset of ${name}`, count: indices.length }, index);
      return whole.get(indices[index]!);
    },
  };
}

function inMemory(whole: Dataset, indices: Uint32Array): Dataset {
  const count = indices.length;
  const first = indices[0]!;
  const size = whole.shape.reduce((product, extent) => product * extent, 1);
  if (indices.every((index, i) => index === first + i)) {
    const images = whole.images.subarray(first * size, (first + count) * size);
    return { ...whole, count, images, labels: whole.labels.subarray(first, first + count) };
  }
  const images = new Uint8Array(count * size);
  const labels = new Uint32Array(count);
  for (const [i, index] of indices.entries()) {
    images.set(whole.images.subarray(index * size, (index + 1) * size), i * size);
    labels[i] = whole.labels[index]!;
  }
  return { ...whole, count, images, labels };
}
