// What a model answers to a whole data set.
import { checkDataset, type Dataset } from '../datasets/dataset.ts';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';
import { preprocessedBatch } from './preprocessedBatch.ts';

export interface Evaluation {
  /** Mean cross entropy, nats. */
  loss: number;
  /** Fraction of 1: `top1 / total`. */
  accuracy: number;
  /** Images tested. */
  total: number;
  /** Images whose class has the largest logit. */
  top1: number;
  /** Images whose class is among the five largest logits, the first of equal ones counting as larger. */
  top5: number;
  /** The class of the largest logit, in the order of the data set: [total]. */
  predictions: Uint32Array;
  /** The model's probability of that class: [total]. */
  probabilities: Float32Array;
}

export interface EvaluateOptions {
  /** Default 250. */
  batchSize?: number;
  /** Tests on the first `limit` images only. Default: all. */
  limit?: number | undefined;
  /** What the weights expect of an image. Default: the data set's own mean and std, sizes as they are. */
  preprocessing?: Preprocessing | undefined;
  /** Called after each batch with what is known by then. */
  onBatch?: (imagesDone: number, sums: { top1: number; loss: number }) => void;
}

/**
 * Runs the model over every image in inference mode, without gradients, and puts it back into the mode it was in.
 * Softmax and loss are computed from the logits in float64. The next batch is prepared while the GPU works.
 * @throws ShapeError when the output is no tensor of logits with one column for each class
 */
export async function evaluate(
  model: AnyModule,
  device: Device,
  dataset: Dataset,
  { batchSize = 250, limit = dataset.count, preprocessing = dataset, onBatch }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkDataset(dataset);
  const total = Math.min(limit, dataset.count);
  const predictions = new Uint32Array(total);
  const probabilities = new Float32Array(total);
  let [loss, top1, top5, done] = [0, 0, 0, 0];
  const { training } = model;
  model.eval();
  try {
    let next = batchAt(0);
    while (next) {
      const { x, shape, labels } = next;
      const reading = logitsOf(x, shape);
      next = batchAt(done + labels.length);
      const logits = await reading;
      const classes = logits.length / labels.length;
      for (const [i, label] of labels.entries()) {
        const row = logits.subarray(i * classes, (i + 1) * classes);
        const { best, logSum } = scoresOf(row);
        predictions[done] = best;
        probabilities[done++] = Math.exp(row[best] - logSum);
        loss += logSum - row[label];
        const rank = rankOf(row, label);
        top1 += Number(rank === 0);
        top5 += Number(rank < 5);
      }
      onBatch?.(done, { top1, loss });
    }
  } finally {
    model.train(training);
  }
  return { loss: loss / total, accuracy: top1 / total, total, top1, top5, predictions, probabilities };

  function batchAt(start: number) {
    if (start >= total) return undefined;
    const indices = Uint32Array.from({ length: Math.min(batchSize, total - start) }, (_, i) => start + i);
    return preprocessedBatch(dataset, indices, preprocessing);
  }

  /** Enqueued when it returns, so the tensors may go. */
  function logitsOf(x: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    using _ = device.scope();
    const logits = device.noGrad(() => model.call(device.tensor(x, shape)));
    return checkLogits(logits, [shape[0], dataset.classes.length]).data() as Promise<Float32Array>;
  }
}

function checkLogits(logits: unknown, [n, classes]: readonly [number, number]): Tensor {
  const isRight = logits instanceof Tensor && logits.shape.join() === [n, classes].join();
  if (isRight) return logits;
  const found = logits instanceof Tensor ? `[${logits.shape.join(', ')}]` : 'no tensor';
  throw new ShapeError(`evaluate: the model must give logits of [${n}, ${classes}] for this data set, not ${found}`);
}

/** Index of the largest logit (the first of equal ones) and log of the sum of exponentials. */
function scoresOf(row: Float32Array): { best: number; logSum: number } {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  let sum = 0;
  for (const logit of row) sum += Math.exp(logit - row[best]);
  return { best, logSum: row[best] + Math.log(sum) };
}

/** How many logits come before that of `label`: larger ones, equal ones with a smaller index; all when it is NaN. */
function rankOf(row: Float32Array, label: number): number {
  let rank = 0;
  for (const [i, logit] of row.entries()) {
    rank += Number(i !== label && !(i < label ? logit < row[label] : logit <= row[label]));
  }
  return rank;
}
