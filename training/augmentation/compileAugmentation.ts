// From a chain of transforms to what the device runs: what is the same for every sample is settled here, once.
import type { Dataset } from '../../datasets/dataset.ts';
import { Random } from '../../datasets/random.ts';
import type { Transform } from '../../datasets/transforms/transform.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { Augmentation } from './augmentation.ts';
import { AugmentationBuilder } from './augmentationBuilder.ts';
import { imageSteps } from './imageSteps.ts';
import { datasetLevelValues, levelValues } from './levelValues.ts';
import type { ComposeFields, RandomErasingFields } from './transformFields.ts';

/**
 * Prepares a chain for the device. Before `ToTensor` it may hold CenterCrop, ColorJitter without hue, Grayscale, Pad,
 * RandomCrop, RandomGrayscale, RandomHorizontalFlip, RandomResizedCrop, RandomVerticalFlip and Resize (both bilinear),
 * after it Normalize and one RandomErasing of given values.
 * @param transform undefined normalises with the data set's own mean and deviation, as `batchOf`
 * @param dataset of images with 1 or 3 channels
 * @throws ShapeError naming the transform that the device cannot run, and what it can
 */
export function compileAugmentation(transform: Transform | undefined, dataset: Dataset): Augmentation {
  const [channels, height, width] = dataset.shape;
  const builder = new AugmentationBuilder([height, width], channels as 1 | 3);
  if (!transform) return augmentationOf(builder, datasetLevelValues(dataset), false);
  const chain = flattened(transform);
  const end = chain.findIndex(({ type }) => type === 'ToTensor');
  if (end < 0) throw new ShapeError(`${transform}: a batch on the device is made of tensors; add ToTensor()`);
  for (const step of chain.slice(0, end)) addImageStep(builder, step);
  const tail = chain.slice(end);
  const erasing = tail.findIndex(({ type }) => type === 'RandomErasing');
  const normalizing = tail.filter((_, i) => i !== 0 && i !== erasing);
  for (const step of normalizing) {
    if (step.type !== 'Normalize') throw refused(step, 'after ToTensor', ['Normalize', 'one RandomErasing']);
  }
  if (erasing < 0) return augmentationOf(builder, levelValues(builder.channels, tail), false);
  const after = tail.slice(erasing + 1);
  const values = erasedValues(tail[erasing] as RandomErasingFields, builder);
  return augmentationOf(builder, levelValues(builder.channels, tail.slice(0, erasing), { values, after }), true);
}

function augmentationOf(
  builder: AugmentationBuilder,
  values: Float32Array<ArrayBuffer>,
  erases: boolean,
): Augmentation {
  return { stages: builder.stages, values, channels: builder.channels, erases, draw: (random) => builder.draw(random) };
}

function flattened(transform: Transform): Transform[] {
  return transform.type === 'Compose' ? (transform as ComposeFields).transforms.flatMap(flattened) : [transform];
}

function addImageStep(builder: AugmentationBuilder, transform: Transform): void {
  const steps: Readonly<Record<string, (builder: AugmentationBuilder, transform: never) => void>> = imageSteps;
  if (!Object.hasOwn(steps, transform.type)) throw refused(transform, 'before ToTensor', Object.keys(steps));
  steps[transform.type](builder, transform as never);
}

/** What is written into each channel; the step that draws where is added to the builder. */
function erasedValues(erasing: RandomErasingFields, builder: AugmentationBuilder): readonly number[] {
  const { value = 0 } = erasing;
  if (value === 'random') {
    throw new ShapeError(`${erasing}: the device erases with given values; noise is drawn on the CPU only`);
  }
  const given = typeof value === 'number' ? [value] : value;
  const { channels, size } = builder;
  if (given.length !== 1 && given.length !== channels) {
    throw new ShapeError(`${erasing}: value has 1 entry or one a channel, here ${channels}, given ${given.length}`);
  }
  const [height, width] = size;
  erasing.draw(new Random(), { height, width }); // throws now what it would throw at the first batch
  builder.step((sample, random) => {
    sample.erased = erasing.draw(random, { height, width });
  });
  return Array.from({ length: channels }, (_, c) => given[c] ?? given[0]);
}

function refused(transform: Transform, where: string, supported: readonly string[]): ShapeError {
  return new ShapeError(
    `${transform} cannot run on the device ${where}; supported are ${supported.join(', ')}. A DataLoader runs all of them`,
  );
}
