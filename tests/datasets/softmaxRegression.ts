// A linear classifier in plain loops: the yardstick for how hard a data set is.

import { batchOf, type Dataset, Random } from '../../datasets/index.ts';

/** Trains multinomial logistic regression by minibatch SGD and returns its accuracy on `test`. */
export function softmaxRegressionAccuracy(
  train: Dataset,
  test: Dataset,
  { epochs, batchSize = 20, learningRate = 0.01 }: { epochs: number; batchSize?: number; learningRate?: number },
): number {
  const features = train.shape[0] * train.shape[1] * train.shape[2];
  const classes = train.classes.length;
  const weight = new Float64Array(classes * features);
  const bias = new Float64Array(classes);
  const all = batchOf(train, Array.from(train.labels.keys()));

  const logits = (x: Float32Array, at: number): number[] =>
    Array.from(bias, (offset, k) => {
      let sum = offset;
      for (let f = 0; f < features; f++) sum += weight[k * features + f]! * x[at + f]!;
      return sum;
    });

  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = new Random(0, epoch).shuffle(all.indices.slice());
    for (let start = 0; start < train.count; start += batchSize) {
      const batch = order.subarray(start, start + batchSize);
      const errors = Array.from(batch, (i) => {
        const scores = logits(all.x, i * features);
        const highest = Math.max(...scores);
        const exponentials = scores.map((score) => Math.exp(score - highest));
        const total = exponentials.reduce((sum, value) => sum + value, 0);
        return exponentials.map((value, k) => value / total - (k === all.labels[i] ? 1 : 0));
      });
      for (let k = 0; k < classes; k++) {
        batch.forEach((i, position) => {
          const step = (learningRate * errors[position]![k]!) / batch.length;
          bias[k]! -= step;
          for (let f = 0; f < features; f++) weight[k * features + f]! -= step * all.x[i * features + f]!;
        });
      }
    }
  }

  const { x, labels } = batchOf(test, Array.from(test.labels.keys()));
  const right = labels.filter((label, i) => {
    const scores = logits(x, i * features);
    return scores.indexOf(Math.max(...scores)) === label;
  });
  return right.length / test.count;
}
