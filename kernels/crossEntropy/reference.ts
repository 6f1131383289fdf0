// Cross entropy in float64, naive: the specification.
// https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
import { type NdArray, type NdArrays, ndarray, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { CrossEntropyOptions } from './crossEntropy.ts';

export const reference: Reference<CrossEntropyOptions> = {
  forward(inputs, options) {
    const { reduction = 'mean' } = options;
    const [n, classes] = inputs.logits.shape;
    const losses = zeros([n]);
    for (let i = 0; i < n; i++) {
      const target = targetOf(inputs, options, i);
      const logProbabilities = logSoftmaxOf(inputs.logits, i);
      for (let c = 0; c < classes; c++) {
        if (target[c] !== 0) losses.data[i] -= target[c] * logProbabilities[c];
      }
    }
    if (reduction === 'none') return { y: losses };
    const sum = losses.data.reduce((total, loss) => total + loss, 0);
    return { y: ndarray([], [reduction === 'mean' ? sum / weightTotal(inputs, options) : sum]) };
  },

  backward(inputs, _outputs, dy, options) {
    const { reduction = 'mean' } = options;
    const [n, classes] = inputs.logits.shape;
    const dlogits = zeros([n, classes]);
    const divisor = reduction === 'mean' ? weightTotal(inputs, options) : 1;
    for (let i = 0; i < n; i++) {
      const target = targetOf(inputs, options, i);
      const total = target.reduce((sum, share) => sum + share, 0);
      const scale = reduction === 'none' ? dy.data[i] : dy.data[0] / divisor;
      if (total === 0) continue;
      const logProbabilities = logSoftmaxOf(inputs.logits, i);
      for (let c = 0; c < classes; c++) {
        dlogits.data[i * classes + c] = (Math.exp(logProbabilities[c]) * total - target[c]) * scale;
      }
    }
    return { logits: dlogits };
  },
};

/** What the row's probabilities are held against: the label's share and the smoothed one, times class weights. */
function targetOf(
  inputs: NdArrays,
  { labelSmoothing = 0, ignoreIndex }: CrossEntropyOptions,
  row: number,
): Float64Array {
  const classes = inputs.logits.shape[1];
  const label = inputs.labels.data[row];
  const target = new Float64Array(classes);
  if (label === ignoreIndex) return target;
  if (label >= classes) return target.fill(NaN);
  for (let c = 0; c < classes; c++) {
    const weight = inputs.weight?.data[c] ?? 1;
    target[c] = weight * ((c === label ? 1 - labelSmoothing : 0) + labelSmoothing / classes);
  }
  return target;
}

function weightTotal({ labels, weight, logits }: NdArrays, { ignoreIndex }: CrossEntropyOptions): number {
  return labels.data.reduce((total, label) => {
    if (label === ignoreIndex) return total;
    return total + (label >= logits.shape[1] ? NaN : (weight?.data[label] ?? 1));
  }, 0);
}

function logSoftmaxOf({ shape: [, classes], data }: NdArray, row: number): Float64Array {
  const logits = data.subarray(row * classes, (row + 1) * classes);
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return logits.map((logit) => logit - largest - Math.log(total));
}
