// A data set in memory, seen as images one by one, so that any transform can work on it.
import { ShapeError } from '../kernels/errors.ts';
import { checkSampleIndex } from './checkSampleIndex.ts';
import { checkDataset, type Dataset } from './dataset.ts';
import type { ImageDataset } from './imageDataset.ts';

/**
 * Planar bytes become interleaved ones, copied when they are asked for. Its mean and std are not applied: end the
 * transform with `new Normalize(dataset.mean, dataset.std)`.
 * @throws ShapeError for a data set whose parts do not fit, or of other than 1 or 3 channels
 */
export function imagesOf(dataset: Dataset): ImageDataset<number> {
  checkDataset(dataset);
  const { name, count, classes, images, labels, shape } = dataset;
  const [channels, height, width] = shape;
  if (channels !== 1 && channels !== 3) {
    throw new ShapeError(`imagesOf: images have 1 or 3 channels, but ${name} is [${shape.join(', ')}]`);
  }
  const pixels = height * width;
  return {
    name,
    count,
    classes,
    labels: Uint32Array.from(labels),
    bad: [],
    source: { module: import.meta.url, export: 'imagesOf', args: [dataset] },
    async get(index) {
      checkSampleIndex(dataset, index);
      const planes = images.subarray(index * channels * pixels, (index + 1) * channels * pixels);
      const data = new Uint8Array(planes.length);
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < pixels; p++) data[p * channels + c] = planes[c * pixels + p]!;
      }
      return { image: { width, height, channels, data }, target: labels[index]! };
    },
  };
}
