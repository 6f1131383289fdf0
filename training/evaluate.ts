// What a model answers to a whole data set.
import { DataLoader } from '../datasets/dataLoader.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Device } from '../engine/device.ts';
import type { Module } from '../engine/nn/module.ts';

export interface Evaluation {
  /** Mean cross entropy, nats. */
  loss: number;
  /** Fraction of 1. */
  accuracy: number;
  /** The class of the largest logit, in the order of the data set: [count]. */
  predictions: Uint32Array;
  /** The model's probability of that class: [count]. */
  probabilities: Float32Array;
}

export interface EvaluateOptions {
  /** Default 250. */
  batchSize?: number;
  /** Called after each batch. */
  onBatch?: (imagesDone: number) => void;
}

/**
 * Runs the model over every image in inference mode, without gradients, and puts it back into the mode it was in.
 * Softmax and loss are computed from the logits in float64.
 */
export async function evaluate(
  model: Module,
  device: Device,
  dataset: Dataset,
  { batchSize = 250, onBatch }: EvaluateOptions = {},
): Promise<Evaluation> {
  const predictions = new Uint32Array(dataset.count);
  const probabilities = new Float32Array(dataset.count);
  let [loss, right, done] = [0, 0, 0];
  const { training } = model;
  model.eval();
  try {
    for await (const { x, shape, labels } of new DataLoader(dataset, { batchSize })) {
      const logits = await logitsOf(x, shape);
      const classes = logits.length / labels.length;
      for (const [i, label] of labels.entries()) {
        const row = logits.subarray(i * classes, (i + 1) * classes);
        const { best, logSum } = scoresOf(row);
        predictions[done] = best;
        probabilities[done++] = Math.exp(row[best] - logSum);
        loss += logSum - row[label];
        right += Number(best === label);
      }
      onBatch?.(done);
    }
  } finally {
    model.train(training);
  }
  return { loss: loss / done, accuracy: right / done, predictions, probabilities };

  /** Enqueued when it returns, so the tensors may go. */
  function logitsOf(x: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    using _ = device.scope();
    return device.noGrad(() => model.call(device.tensor(x, shape))).data() as Promise<Float32Array>;
  }
}

/** Index of the largest logit (the first of equal ones) and log of the sum of exponentials. */
function scoresOf(row: Float32Array): { best: number; logSum: number } {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i] > row[best]) best = i;
  let sum = 0;
  for (const logit of row) sum += Math.exp(logit - row[best]);
  return { best, logSum: row[best] + Math.log(sum) };
}
