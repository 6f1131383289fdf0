// The work of a loader, the same in every thread: read, transform and pack the samples of one batch.
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { batchOf, type Dataset } from '../dataset.ts';
import type { ImageDataset } from '../imageDataset.ts';
import { imagesOf } from '../imagesOf.ts';
import { joinFloats } from '../joinFloats.ts';
import { Random } from '../random.ts';
import { sampleRandom } from '../transforms/sampleRandom.ts';
import { ToTensor } from '../transforms/toTensor.ts';
import type { TensorImage, Transform } from '../transforms/transform.ts';
import type { BadSample } from './loadedBatch.ts';

/** How the batches of a loader are made. */
export type Recipe<Target> = NormaliseRecipe | TransformRecipe<Target>;

/** A data set in memory whose bytes are only normalised. */
interface NormaliseRecipe {
  readonly dataset: Dataset;
}

interface TransformRecipe<Target> {
  readonly images: ImageDataset<Target>;
  readonly transform: Pick<Transform, 'call'>;
  readonly seed: number;
  readonly skipBad: boolean;
}

/** Which samples to make a batch of. */
export interface BatchJob {
  readonly epoch: number;
  readonly indices: Uint32Array;
  /** How often each index came before in this epoch; null where none comes twice. */
  readonly repeats: Uint32Array | null;
}

/** Samples one after the other in one buffer, which moves between threads without a copy. */
export interface PackedBatch<Target> {
  readonly x: Float32Array<ArrayBuffer>;
  /** Of each sample: [c, h, w]. */
  readonly shapes: readonly TensorImage['shape'][];
  readonly targets: Uint32Array<ArrayBuffer> | readonly Target[];
  /** Of the samples that are in it. */
  readonly indices: Uint32Array<ArrayBuffer>;
  readonly bad: readonly BadSample[];
}

/** Without a transform, images become tensors, and data in memory is normalised by its own mean and std. */
export function recipeOf<Target>(
  dataset: Dataset | ImageDataset<Target>,
  { transform, seed, skipBad }: { transform: Pick<Transform, 'call'> | null; seed: number; skipBad: boolean },
): Recipe<Target> {
  if ('get' in dataset) return { images: dataset, transform: transform ?? new ToTensor(), seed, skipBad };
  // the targets of data in memory are numbers, which is what a loader of it is typed with
  const images = () => imagesOf(dataset) as ImageDataset<unknown> as ImageDataset<Target>;
  return transform ? { images: images(), transform, seed, skipBad } : { dataset };
}

/**
 * @throws ShapeError for a transform that does not end with a tensor, and whatever data set and transform throw;
 *   with `skipBad` a FormatError leaves out the sample instead
 */
export async function makeBatch<Target>(recipe: Recipe<Target>, job: BatchJob): Promise<PackedBatch<Target>> {
  if ('dataset' in recipe) return packedFromMemory(recipe.dataset, job.indices);
  const { images, transform } = recipe;
  const made: { x: TensorImage; target: Target; index: number }[] = [];
  const bad: BadSample[] = [];
  for (const [i, index] of job.indices.entries()) {
    try {
      const { image, target } = await images.get(index);
      const x = transform.call(image, randomOf(recipe, job, i));
      if (!('shape' in x)) throw new ShapeError(endsAsImage(transform));
      made.push({ x, target, index });
    } catch (error) {
      if (!recipe.skipBad || !(error instanceof FormatError)) throw error;
      bad.push({ index, record: `${images.name}: sample ${index}`, reason: error.message });
    }
  }
  return {
    x: joinFloats(made.map(({ x }) => x.data)),
    shapes: made.map(({ x }) => x.shape),
    targets: targetsOf(made),
    indices: Uint32Array.from(made, ({ index }) => index),
    bad,
  };
}

function packedFromMemory(dataset: Dataset, at: Uint32Array): PackedBatch<never> {
  const { x, labels, indices } = batchOf(dataset, at);
  return { x, shapes: Array.from(indices, () => dataset.shape), targets: labels, indices, bad: [] };
}

/** The same sample drawn again in an epoch is transformed anew. */
function randomOf({ seed }: TransformRecipe<unknown>, { epoch, indices, repeats }: BatchJob, i: number): Random {
  const first = sampleRandom(seed, epoch, indices[i]!);
  return repeats?.[i] ? new Random(first.uint32(), repeats[i]) : first;
}

function targetsOf<Target>(samples: readonly { target: Target; index: number }[]): PackedBatch<Target>['targets'] {
  if (!samples.every(({ target }) => typeof target === 'number')) return samples.map(({ target }) => target);
  return Uint32Array.from(samples, ({ target, index }) => {
    const label = target as number;
    if (label === label >>> 0) return label;
    throw new ShapeError(
      `DataLoader: sample ${index} has the target ${label}, but numbers are class indices, integers from 0; ` +
        'wrap other numbers into arrays or objects',
    );
  });
}

function endsAsImage(transform: Pick<Transform, 'call'>): string {
  return `DataLoader: the transform must end with a tensor, but ${transform} returned an image: add new ToTensor()`;
}
