// Where fine-tuning takes its images from: a data set in memory or on the disk, with what is done to each image.
import { checkDataset, type Dataset } from '../../datasets/dataset.ts';
import type { ImageDataset } from '../../datasets/imageDataset.ts';
import type { Image } from '../../datasets/images/image.ts';
import type { Preprocessing } from '../../datasets/images/preprocessing.ts';
import { imagesOf } from '../../datasets/imagesOf.ts';
import { joinFloats } from '../../datasets/joinFloats.ts';
import { Random } from '../../datasets/random.ts';
import { Preprocess } from '../../datasets/transforms/preprocess.ts';
import type { TensorImage } from '../../datasets/transforms/transform.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { preprocessedBatch } from '../preprocessedBatch.ts';
import { type BatchMakerOptions, batchMaker } from './batchMaker.ts';

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
  /** Ends the threads that make its batches, if it has any; another batch starts them anew. */
  close?(): Promise<void>;
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
 * whether it draws. The batches are the same bytes whatever the number of workers.
 * @param transform ends in a tensor of one size: `new Compose([…, new ToTensor(), new Normalize(…)])`
 * @param options.seed of what is random. Default 0
 * @param options.workers threads that read and transform the images. Default 0: the one that trains
 * @param options.createWorker default: web workers; `wgrad/training/node` has this function with Node's threads
 * @throws ShapeError when classes or labels are missing, images become other than tensors of one shape, or workers
 *   cannot open the data set
 */
export async function transformedSource(
  dataset: Dataset | ImageDataset<number>,
  transform: BatchMakerOptions['transform'],
  { seed = 0, workers = 0, createWorker }: Partial<Omit<BatchMakerOptions, 'transform'>> = {},
): Promise<BatchSource> {
  const images = 'images' in dataset ? imagesOf(dataset) : dataset;
  const { name, count, classes, labels } = images;
  if (!labels || labels.length !== count || !classes.length) {
    throw new ShapeError(`${name}: fine-tuning needs a class for each image; this data set has other targets`);
  }
  if (count === 0) throw new ShapeError(`${name}: has no images`);
  const maker = batchMaker(dataset, { transform, seed, workers, createWorker });
  const [{ image: first }, probe] = [await images.get(0), new Random(seed)];
  const before = probe.state.join();
  const { shape } = tensorOf(transform.call(first, probe), name);
  const batch = async (indices: Uint32Array<ArrayBuffer>, epoch: number): Promise<SourceBatch> => {
    const parts = await maker.make(indices, epoch);
    for (const [i, found] of parts.flatMap(({ shapes }) => shapes).entries()) {
      if (found.join() === shape.join()) continue;
      throw new ShapeError(
        `${name}: image ${indices[i]} becomes [${found.join(', ')}], image 0 [${shape.join(', ')}]: end with a crop of one size`,
      );
    }
    const x = joinFloats(parts.map((part) => part.x));
    return { x, shape: [indices.length, ...shape], labels: Uint32Array.from(indices, (index) => labels[index]) };
  };
  const isRandom = probe.state.join() !== before;
  return { name, count, classes, labels, shape, isRandom, batch, close: maker.close };
}

/** A data set, each image prepared as a file of weights wants it. @throws as `transformedSource` */
export function preprocessedSource(
  dataset: Dataset | ImageDataset<number>,
  preprocessing: Preprocessing,
  options: Partial<Pick<BatchMakerOptions, 'workers' | 'createWorker'>> = {},
): Promise<BatchSource> {
  return transformedSource(dataset, new Preprocess(preprocessing), options);
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

function tensorOf(value: Image | TensorImage, name: string): TensorImage {
  if ('shape' in value) return value;
  throw new ShapeError(`${name}: an image is still an image after the transform: end it with ToTensor`);
}
