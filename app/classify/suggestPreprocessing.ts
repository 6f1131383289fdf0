// How a picture is prepared for a classifier unless its user says otherwise, and what its classes are called.
import { IMAGENET_PREPROCESSING, type Preprocessing } from '../../datasets/images/preprocessing.ts';
import { CIFAR10, MNIST } from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { IMAGENET_CLASSES } from '../../models/index.ts';
import type { Classifier } from './loadClassifier.ts';

export interface SuggestedPreprocessing {
  /** Resize and crop are always there: a picture has any shape. */
  readonly preprocessing: Preprocessing & { readonly resize: number; readonly crop: number };
  /** Whose it is: `of resnet20-12fca82f.th`. */
  readonly source: string;
}

/** @throws ShapeError for a model that reads neither grey nor RGB */
export function suggestPreprocessing({
  entry,
  weights,
  isPublished,
  inChannels,
}: Pick<Classifier, 'entry' | 'weights' | 'isPublished' | 'inChannels'>): SuggestedPreprocessing {
  if (inChannels !== 1 && inChannels !== 3) {
    throw new ShapeError(
      `${entry.name} reads images of ${inChannels} channels here; pictures have 1 (grey) or 3 (RGB)`,
    );
  }
  const known = weights?.preprocessing.mean.length === inChannels ? weights : undefined;
  const usual = usualPreprocessing(inChannels, entry.inputShape[1]);
  const { resize, crop, mean, std } = known?.preprocessing ?? usual.preprocessing;
  const side = oneSide(resize) ?? entry.inputShape[1];
  return {
    preprocessing: { resize: side, crop: oneSide(crop) ?? side, mean, std },
    source: known ? `${isPublished ? 'of' : 'assumed: as for'} ${known.file}` : `assumed: ${usual.source}`,
  };
}

/** Names of the classes where the weights' data set is known and has as many, else `class 0`, `class 1`, … */
export function suggestClassNames({
  weights,
  numClasses,
}: Pick<Classifier, 'weights' | 'numClasses'>): readonly string[] {
  const known =
    weights && { imagenet: IMAGENET_CLASSES, cifar10: CIFAR10.classes, mnist: MNIST.classes }[weights.classes];
  return known?.length === numClasses ? known : Array.from({ length: numClasses }, (_, i) => `class ${i}`);
}

function usualPreprocessing(channels: 1 | 3, side: number): { preprocessing: Preprocessing; source: string } {
  if (channels === 1) return { preprocessing: { mean: MNIST.mean, std: MNIST.std }, source: "MNIST's mean and std" };
  if (side <= 32) return { preprocessing: { mean: CIFAR10.mean, std: CIFAR10.std }, source: "CIFAR-10's mean and std" };
  return { preprocessing: IMAGENET_PREPROCESSING, source: "ImageNet's mean and std" };
}

function oneSide(size: Preprocessing['resize']): number | undefined {
  return typeof size === 'object' ? Math.min(...size) : size;
}
