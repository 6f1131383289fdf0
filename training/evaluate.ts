// What a model answers to a whole data set.
import { checkDataset, type Dataset } from '../datasets/dataset.ts';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';
import { preprocessedBatch } from './preprocessedBatch.ts';
import { inPrecision, type Precision } from './stepPrecision.ts';

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
  /** The classes of the `topCount` largest logits, the largest first, of equal ones the first: [total, topCount]. */
  topClasses: Uint32Array;
  /** Their probabilities: [total, topCount]. */
  topProbabilities: Float32Array;
  /** 5, or the number of classes where that is smaller. */
  topCount: number;
}

export interface EvaluateOptions {
  /** Default 250. */
  batchSize?: number;
  /** Tests on the first `limit` images only. Default: all. */
  limit?: number | undefined;
  /** What the weights expect of an image. Default: the data set's own mean and std, sizes as they are. */
  preprocessing?: Preprocessing | undefined;
  /** Of the model's results. Default `float32`. */
  precision?: Precision;
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
  { batchSize = 250, limit = dataset.count, preprocessing = dataset, precision, onBatch }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkDataset(dataset);
  const total = Math.min(limit, dataset.count);
  return evaluateBatches(model, device, {
    ...{ total, batchSize, precision, onBatch },
    classes: dataset.classes.length,
    prepare: (start, end) => {
      const indices = Uint32Array.from({ length: end - start }, (_, i) => start + i);
      return preprocessedBatch(dataset, indices, preprocessing);
    },
    logits: ({ x, shape }) => model.call(device.tensor(x, shape)),
  });
}

export interface EvaluateBatches<Batch> extends Required<Pick<EvaluateOptions, 'batchSize'>> {
  /** Images. */
  total: number;
  classes: number;
  /** Images `start` to before `end`, on the host. */
  prepare: (start: number, end: number) => Batch | Promise<Batch>;
  /** Enqueues the model's answer, a tensor of `[n, classes]`; what it makes on the way is freed. */
  logits: (batch: Batch) => unknown;
  precision?: Precision | undefined;
  onBatch?: EvaluateOptions['onBatch'] | undefined;
}

/** `evaluate`, whatever the images come from. */
export async function evaluateBatches<Batch extends { labels: Uint32Array }>(
  model: AnyModule,
  device: Device,
  { total, classes, batchSize, prepare, logits: answer, precision = 'float32', onBatch }: EvaluateBatches<Batch>,
): Promise<Evaluation> {
  const topCount = Math.min(5, classes);
  const predictions = new Uint32Array(total);
  const probabilities = new Float32Array(total);
  const topClasses = new Uint32Array(total * topCount);
  const topProbabilities = new Float32Array(total * topCount);
  let [loss, top1, top5, done] = [0, 0, 0, 0];
  const modes = model.modules().map((module) => [module, module.training] as const);
  model.eval();
  try {
    let next = await batchAt(0);
    while (next) {
      const { labels } = next;
      const reading = enqueue(next);
      reading.catch(() => {}); // surfaces where it is awaited
      next = await batchAt(done + labels.length);
      const logits = await reading;
      for (const [i, label] of labels.entries()) {
        const row = logits.subarray(i * classes, (i + 1) * classes);
        const { order, logSum } = scoresOf(row, topCount);
        for (const [place, index] of order.entries()) {
          topClasses[done * topCount + place] = index;
          topProbabilities[done * topCount + place] = Math.exp(row[index] - logSum);
        }
        predictions[done] = order[0];
        probabilities[done] = topProbabilities[done * topCount];
        done++;
        loss += logSum - row[label];
        const rank = rankOf(row, label);
        top1 += Number(rank === 0);
        top5 += Number(rank < 5);
      }
      onBatch?.(done, { top1, loss });
    }
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
  const best = { predictions, probabilities, topClasses, topProbabilities, topCount };
  return { loss: loss / total, accuracy: top1 / total, total, top1, top5, ...best };

  async function batchAt(start: number): Promise<Batch | undefined> {
    return start >= total ? undefined : prepare(start, Math.min(start + batchSize, total));
  }

  /** Enqueued when it returns, so the tensors may go. */
  function enqueue(batch: Batch): Promise<Float32Array> {
    using _ = device.scope();
    const logits = device.noGrad(() => inPrecision(device, precision, () => answer(batch)));
    return checkLogits(logits, [batch.labels.length, classes]).data() as Promise<Float32Array>;
  }
}

function checkLogits(logits: unknown, [n, classes]: readonly [number, number]): Tensor {
  const isRight = logits instanceof Tensor && logits.shape.join() === [n, classes].join();
  if (isRight) return logits;
  const found = logits instanceof Tensor ? `[${logits.shape.join(', ')}]` : 'no tensor';
  throw new ShapeError(`evaluate: the model must give logits of [${n}, ${classes}] for this data set, not ${found}`);
}

/** Indices of the `count` largest logits, the first of equal ones first; log of the sum of exponentials. */
function scoresOf(row: Float32Array, count: number): { order: number[]; logSum: number } {
  const order: number[] = [];
  for (let i = 0; i < row.length; i++) {
    let place = order.length;
    while (place > 0 && row[i] > row[order[place - 1]]) place--;
    if (place >= count) continue;
    order.splice(place, 0, i);
    if (order.length > count) order.pop();
  }
  const top = row[order[0]];
  let sum = 0;
  for (const logit of row) sum += Math.exp(logit - top);
  return { order, logSum: top + Math.log(sum) };
}

/** How many logits come before that of `label`: larger ones, equal ones with a smaller index; all when it is NaN. */
function rankOf(row: Float32Array, label: number): number {
  let rank = 0;
  for (const [i, logit] of row.entries()) {
    rank += Number(i !== label && !(i < label ? logit < row[label] : logit <= row[label]));
  }
  return rank;
}
