// What the end of a chain makes of each level: the CPU's own transforms, run once over all 256.
import { batchOf, type Dataset } from '../../datasets/dataset.ts';
import type { Image } from '../../datasets/images/image.ts';
import { Random } from '../../datasets/random.ts';
import type { TensorImage, Transform } from '../../datasets/transforms/transform.ts';
import { ShapeError } from '../../kernels/errors.ts';

const LEVELS = 256;

/**
 * [c, 257]: the values of all levels, then that of an erased pixel.
 * @param toTensor `ToTensor` and what follows it up to `RandomErasing`
 * @param erased what `RandomErasing` writes into each channel, and what follows it. Default: zeros, never read
 * @throws ShapeError where the transforms do
 */
export function levelValues(
  channels: 1 | 3,
  toTensor: readonly Transform[],
  erased?: { readonly values: readonly number[]; readonly after: readonly Transform[] },
): Float32Array<ArrayBuffer> {
  const ramp = Uint8Array.from({ length: LEVELS * channels }, (_, i) => Math.floor(i / channels));
  const image: Image = { width: LEVELS, height: 1, channels, data: ramp };
  const levels = tensorAfter(image, [...toTensor, ...(erased?.after ?? [])]);
  const constant = {
    data: Float32Array.from(erased?.values ?? new Array<number>(channels).fill(0)),
    shape: [channels, 1, 1],
  } as const;
  return joined(levels, erased ? tensorAfter(constant, erased.after).data : constant.data);
}

/** As `batchOf` normalises. */
export function datasetLevelValues(dataset: Dataset): Float32Array<ArrayBuffer> {
  const channels = dataset.shape[0] as 1 | 3;
  const images = Uint8Array.from({ length: LEVELS * channels }, (_, i) => i % LEVELS);
  const { x } = batchOf({ ...dataset, images, count: 1, shape: [channels, 1, LEVELS] }, [0]);
  return joined({ data: x, shape: [channels, 1, LEVELS] }, new Float32Array(channels));
}

function tensorAfter(x: Image | TensorImage, transforms: readonly Transform[]): TensorImage {
  const random = new Random(); // none of them draws
  const result = transforms.reduce((before, transform) => transform.call(before, random), x);
  if ('shape' in result) return result;
  throw new ShapeError('an augmentation on the device ends in tensors: add ToTensor');
}

function joined({ data, shape: [channels, , width] }: TensorImage, erased: Float32Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(channels * (width + 1));
  for (let c = 0; c < channels; c++) {
    values.set(data.subarray(c * width, (c + 1) * width), c * (width + 1));
    values[c * (width + 1) + width] = erased[c];
  }
  return values;
}
