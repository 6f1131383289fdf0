// The augmentation of `wgrad finetune --augment`: what each kind of image is usually trained with.
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import { Compose } from '../datasets/transforms/compose.ts';
import { Normalize } from '../datasets/transforms/normalize.ts';
import { RandomCrop } from '../datasets/transforms/randomCrop.ts';
import { RandomHorizontalFlip } from '../datasets/transforms/randomHorizontalFlip.ts';
import { RandomResizedCrop } from '../datasets/transforms/randomResizedCrop.ts';
import { Resize } from '../datasets/transforms/resize.ts';
import { ToTensor } from '../datasets/transforms/toTensor.ts';
import type { BatchSource } from '../training/index.ts';
import { transformedSource } from '../training/node/index.ts';
import type { Labelled } from './finetuneData.ts';
import { UsageError } from './usageError.ts';

/**
 * Images of one size are shifted by up to an eighth (random crop, padded) and mirrored, then resized; photographs get
 * torchvision's RandomResizedCrop and are mirrored.
 * @throws UsageError for grey images of a network that wants colour
 */
export function augmentedSource(
  set: Labelled,
  { mean, std }: Preprocessing,
  { size, seed, workers }: { size: number; seed: number; workers: number },
): Promise<BatchSource> {
  if ('images' in set && set.shape[0] !== mean.length) {
    throw new UsageError(
      `--augment: images of ${set.name} have ${set.shape[0]} channels, the weights want ${mean.length}`,
    );
  }
  const crops =
    'images' in set
      ? [
          new RandomCrop([set.shape[1], set.shape[2]], { padding: Math.round(set.shape[1] / 8) }),
          new RandomHorizontalFlip(),
          new Resize([size, size]),
        ]
      : [new RandomResizedCrop(size), new RandomHorizontalFlip()];
  const transform = new Compose([...crops, new ToTensor(), new Normalize([...mean], [...std])]);
  return transformedSource(set, transform, { seed, workers });
}
