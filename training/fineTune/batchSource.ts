// Where fine-tuning takes its images from: a data set in memory or on the disk, with what is done to each image.
import { checkDataset, type Dataset } from '../../datasets/dataset.ts';
import type { ImageDataset } from '../../datasets/imageDataset.ts';
import type { Image } from '../../datasets/images/image.ts';
import { preprocess } from '../../datasets/images/preprocess.ts';
import type { Preprocessing } from '../../datasets/images/preprocessing.ts';
import { imagesOf } from '../../datasets/imagesOf.ts';
import { Random } from '../../datasets/random.ts';
import { sampleRandom } from '../../datasets/transforms/sampleRandom.ts';
import type { TensorImage, Transform } from '../../datasets/transforms/transform.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { preprocessedBatch } from '../preprocessedBatch.ts';

/** Images as a network reads them, by index. */
export interface BatchSource {
  readonly name: string;
  readonly count: number;
  readonly classes: readonly string[];
  /** Class of each image: [count]. */
  readonly labels: Uint8Array | Uint32Array;
  /** Of one image: [c, h, w]. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Whether an image differs from epoch to epoch (augmentation): then its features cannot be kept. */
  readonly isRandom: boolean;
  /** @param epoch decides, with seed and index, what is random */
  batch(indices: Uint32Array<ArrayBuffer>, epoch: number): SourceBatch | Promise<SourceBatch>;
}

export interface SourceBatch {
  /** Row-major: [n, c, h, w]. */
  readonly x: Float32Array;
  readonly shape: readonly number[];
  /** [n] */
  readonly labels: Uint32Array;
}

/**
 * A data set in memory, each image prepared as a file of weights wants it.
 * @param options.preprocessing default: the data set's own mean and std, sizes as they are
 * @throws ShapeError for a data set that does not fit together, or a preprocessing that makes no sense
 */
export function datasetSource(
  dataset: Dataset,
  { preprocessing = dataset }: { preprocessing?: Preprocessing } = {},
): BatchSource {
  checkDataset(dataset);
  const batch = (indices: Uint32Array<ArrayBuffer>) => preprocessedBatch(dataset, indices, preprocessing);
  const [, ...shape] = batch(Uint32Array.of(0)).shape;
  const { name, count, classes, labels } = dataset;
  return { name, count, classes, labels, shape, isRandom: false, batch };
}

/**
 * A data set read image by image, or one in memory, each image transformed. Whether the transform is random is seen from
 * whether it draws.
 * @param transform ends in a tensor of one size: `new Compose([…, new ToTensor(), new Normalize(…)])`
 * @param options.seed of what is random. Default 0
 * @throws ShapeError when classes or labels are missing, or images become other than tensors of one shape
 */
export async function transformedSource(
  dataset: Dataset | ImageDataset<number>,
  transform: Pick<Transform, 'call'>,
  { seed = 0 }: { seed?: number } = {},
): Promise<BatchSource> {
  const images = 'images' in dataset ? imagesOf(dataset) : dataset;
  const { name, count, classes, labels } = images;
  if (!labels || labels.length !== count || !classes.length) {
    throw new ShapeError(`${name}: fine-tuning needs a class for each image; this data set has other targets`);
  }
  if (count === 0) throw new ShapeError(`${name}: has no images`);
  const [{ image: first }, probe] = [await images.get(0), new Random(seed)];
  const before = probe.state.join();
  const { shape } = tensorOf(transform.call(first, probe), name, 0);
  const batch = async (indices: Uint32Array<ArrayBuffer>, epoch: number): Promise<SourceBatch> => {
    const samples = await Promise.all(Array.from(indices, (index) => images.get(index)));
    const size = shape[0] * shape[1] * shape[2];
    const x = new Float32Array(size * indices.length);
    for (const [i, { image }] of samples.entries()) {
      const tensor = tensorOf(transform.call(image, sampleRandom(seed, epoch, indices[i])), name, indices[i]);
      if (tensor.shape.join() !== shape.join()) {
        throw new ShapeError(
          `${name}: image ${indices[i]} becomes [${tensor.shape.join(', ')}], image 0 [${shape.join(', ')}]: end with a crop of one size`,
        );
      }
      x.set(tensor.data, i * size);
    }
    return { x, shape: [indices.length, ...shape], labels: Uint32Array.from(indices, (index) => labels[index]) };
  };
  return { name, count, classes, labels, shape, isRandom: probe.state.join() !== before, batch };
}

/** A data set read image by image, each prepared as a file of weights wants it. @throws as `transformedSource` */
export function preprocessedSource(dataset: ImageDataset<number>, preprocessing: Preprocessing): Promise<BatchSource> {
  const call = (image: Image | TensorImage) => {
    const { data, shape } = preprocess(image as Image, preprocessing);
    return { data: Float32Array.from(data), shape };
  };
  return transformedSource(dataset, { call });
}

/** Some images of a source, as a source of its own. @throws ShapeError for an index it does not have */
export function sourceSubset(source: BatchSource, indices: Uint32Array<ArrayBuffer>): BatchSource {
  const wrong = indices.find((index) => index >= source.count);
  if (wrong !== undefined || !indices.length) {
    throw new ShapeError(`${source.name}: a subset needs indices below ${source.count}, given ${wrong ?? 'none'}`);
  }
  return {
    ...source,
    count: indices.length,
    labels: Uint32Array.from(indices, (index) => source.labels[index]),
    batch: (chosen, epoch) =>
      source.batch(
        Uint32Array.from(chosen, (index) => indices[index]),
        epoch,
      ),
  };
}

function tensorOf(value: Image | TensorImage, name: string, index: number): TensorImage {
  if ('shape' in value) return value;
  throw new ShapeError(`${name}: image ${index} is still an image after the transform: end it with ToTensor`);
}
