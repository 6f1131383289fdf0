// A network learns a few images by heart: the shortest proof that all of it trains.
import type { Dataset } from '../../datasets/dataset.ts';
import type { Preprocessing } from '../../datasets/images/preprocessing.ts';
import type { Device } from '../../engine/device.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { Adam } from '../../engine/optim/adam.ts';
import type { ModelEntry } from '../../models/entry.ts';
import { classifierLoss } from '../../training/classifierLoss.ts';
import { evaluate } from '../../training/evaluate.ts';
import { preprocessedBatch } from '../../training/preprocessedBatch.ts';

export interface OverfitOptions {
  preprocessing: Preprocessing;
  /** Of Adam. */
  lr: number;
  /** Most steps. */
  steps: number;
}

export interface Overfitted {
  /** Images whose class has the largest logit, in inference mode. */
  right: number;
  /** Mean cross entropy in inference mode, nats. */
  loss: number;
  /** Steps taken. */
  steps: number;
}

/** An answer in inference mode costs a third of a step. */
const CHECK_EVERY = 5;

/**
 * Trains a model on all images at once until inference mode, which knows neither dropout nor the batch's own statistics,
 * has every image right, or the steps are used up.
 * @param model on the device
 */
export async function overfit(
  device: Device,
  model: AnyModule,
  dataset: Dataset,
  { preprocessing, lr, steps: most }: OverfitOptions,
): Promise<Overfitted> {
  const indices = Uint32Array.from({ length: dataset.count }, (_, i) => i);
  const batch = preprocessedBatch(dataset, indices, preprocessing);
  const optimizer = new Adam(model.parameters(), { lr });
  model.train();
  try {
    for (let steps = 1; ; steps++) {
      step();
      if (steps % CHECK_EVERY !== 0 && steps < most) continue;
      const { top1: right, loss } = await evaluate(model, device, dataset, { preprocessing });
      if (right === dataset.count || steps >= most) return { right, loss, steps };
    }
  } finally {
    optimizer.dispose();
  }

  function step(): void {
    using _ = device.scope();
    const labels = device.tensor(batch.labels, [dataset.count], { dtype: 'uint32' });
    const { loss } = classifierLoss(model.call(device.tensor(batch.x, batch.shape)), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    device.recorder.flush();
  }
}

/** The first image of each of the first classes. */
export function firstOfEachClass(dataset: Dataset, classes: number): Dataset {
  const indices = Array.from({ length: classes }, (_, label) => dataset.labels.indexOf(label));
  const size = dataset.images.length / dataset.count;
  const images = indices.map((index) => dataset.images.subarray(index * size, (index + 1) * size));
  return {
    ...dataset,
    images: Uint8Array.from(images.flatMap((image) => [...image])),
    labels: Uint8Array.from(indices, (index) => dataset.labels[index]),
    count: classes,
  };
}

/** What makes CIFAR's images fit: grey where the model is for grey ones, and 32x32 or the next size that is legal. */
export function fitted(dataset: Dataset, { inputShape, minSize, maxSize = 32 }: ModelEntry): Preprocessing {
  const resize = Math.max(minSize, Math.min(maxSize, 32));
  return inputShape[0] === 1 ? { resize, mean: [0.48], std: [0.24] } : { resize, mean: dataset.mean, std: dataset.std };
}
