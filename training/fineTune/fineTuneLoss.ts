// The loss of fine-tuning: cross entropy with class weights, label smoothing and mixup.
import type { Device } from '../../engine/device.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import { Tensor } from '../../engine/tensor.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { Mix } from './mixup.ts';

export interface LossOptions {
  /** `[classes]` */
  weight?: Tensor | undefined;
  labelSmoothing: number;
}

/**
 * @param output of the model: logits `[n, classes]`
 * @param labels `[n]`
 * @param options.target the labels, where they lie on the device already
 * @throws ShapeError for another output
 */
export function fineTuneLoss(
  output: unknown,
  labels: Uint32Array,
  { weight, labelSmoothing, mix, target }: LossOptions & { mix?: Mix | undefined; target?: Tensor | undefined },
): { logits: Tensor; loss: Tensor } {
  if (!(output instanceof Tensor)) throw new ShapeError('fineTune: the model must give a tensor of logits');
  const onDevice = (classes: Uint32Array) => output.device.tensor(classes, [classes.length], { dtype: 'uint32' });
  const lossFor = (classes: Tensor) => crossEntropy(output, classes, { weight, labelSmoothing });
  const own = lossFor(target ?? onDevice(labels));
  if (!mix) return { logits: output, loss: own };
  const others = Uint32Array.from(mix.partners, (partner) => labels[partner]);
  return {
    logits: output,
    loss: own.mul(mix.share).add(lossFor(onDevice(others)).mul(1 - mix.share)),
  };
}

/**
 * A weight for each class; undefined where all count alike.
 * @param weights `balanced`: n / (classes · images of the class), as scikit-learn; a class without images has 0
 * @throws ShapeError for a list that does not fit
 */
export function classWeights(
  weights: 'balanced' | readonly number[] | undefined,
  { labels, classes }: { labels: ArrayLike<number>; classes: readonly string[] },
): readonly number[] | undefined {
  if (weights === undefined) return undefined;
  const list = weights === 'balanced' ? balanced(labels, classes.length) : weights;
  if (list.length !== classes.length || !list.every((weight) => Number.isFinite(weight) && weight >= 0)) {
    throw new ShapeError(
      `classWeights must be 'balanced' or ${classes.length} numbers of at least 0, one for each class, given [${list.join(', ')}]`,
    );
  }
  if (!list.some((weight) => weight > 0)) throw new ShapeError('classWeights: all are 0, so nothing would be learned');
  return list;
}

/** The weights as a tensor outside every scope. */
export function weightTensor(device: Device, weights: readonly number[] | undefined): Tensor | undefined {
  return weights && device.keep(device.tensor(Float32Array.from(weights)));
}

function balanced(labels: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  return counts.map((count) => (count ? labels.length / (classes * count) : 0));
}
