// A batch of a data set, prepared as a file of weights wants its images.
import { type Batch, batchOf, type Dataset } from '../datasets/dataset.ts';
import type { Image } from '../datasets/images/image.ts';
import { preprocess } from '../datasets/images/preprocess.ts';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';

/**
 * The images at `indices` (of the data set, so below its count), resized, cropped, made grey or colour as `mean` has
 * entries, and normalised; as `batchOf` where only the last is to be done.
 * @throws ShapeError for a preprocessing that makes no sense
 */
export function preprocessedBatch(
  dataset: Dataset,
  indices: Uint32Array<ArrayBuffer>,
  preprocessing: Preprocessing,
): Batch {
  const { resize, crop, mean, std } = preprocessing;
  const isPlain = resize === undefined && crop === undefined && mean.length === dataset.shape[0];
  if (isPlain) return batchOf({ ...dataset, mean, std }, indices);
  const prepared = Array.from(indices, (index) => preprocess(imageAt(dataset, index), preprocessing));
  const size = prepared[0].data.length;
  const x = new Float32Array(size * prepared.length);
  for (const [i, { data }] of prepared.entries()) x.set(data, i * size);
  const labels = Uint32Array.from(indices, (index) => dataset.labels[index]);
  const { shape } = prepared[0];
  return { x, shape: [prepared.length, ...shape], labels, indices };
}

/** Planar [c, h, w] to interleaved [h, w, c]. */
function imageAt({ images, shape: [channels, height, width] }: Dataset, index: number): Image {
  const pixels = height * width;
  const planes = images.subarray(index * channels * pixels, (index + 1) * channels * pixels);
  const data = new Uint8Array(planes.length);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < pixels; p++) data[p * channels + c] = planes[c * pixels + p];
  }
  return { width, height, channels: channels as 1 | 3, data };
}
