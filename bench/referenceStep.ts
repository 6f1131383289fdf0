// One SGD step of LeNet-5 in float64 on the CPU: what every contender's losses and weights are checked against.
// It shares no code with the engine under test, so that a mistake there cannot hide here.
import { type LenetKey, type LenetWeights, lenetKeys, type Problem } from './problem.ts';

export interface StepResult {
  /** Mean softmax cross-entropy over the batch, before the update. */
  loss: number;
  /** The weights after `w -= learningRate * dw`. */
  weights: LenetWeights;
}

/** Runs forward, backward and update for the whole batch, starting from `weights`. */
export function referenceStep(problem: Problem, weights: LenetWeights = problem.weights): StepResult {
  const { batchSize, learningRate, labels } = problem;
  const gradients = Object.fromEntries(
    lenetKeys().map((key) => [key, new Float64Array(weights[key].length)]),
  ) as Record<LenetKey, Float64Array>;
  let loss = 0;
  for (let n = 0; n < batchSize; n++) {
    const image = Float64Array.from(problem.x.slice(n * 784, (n + 1) * 784));
    loss += backpropagate(image, labels[n], weights, gradients) / batchSize;
  }
  const updated = Object.fromEntries(
    lenetKeys().map((key) => [key, weights[key].map((w, i) => w - (learningRate * gradients[key][i]) / batchSize)]),
  ) as LenetWeights;
  return { loss, weights: updated };
}

/** The results of `count` steps on the same batch, each starting where the one before ended. */
export function referenceSteps(problem: Problem, count: number): StepResult[] {
  const results: StepResult[] = [];
  for (let i = 0; i < count; i++) results.push(referenceStep(problem, results.at(-1)?.weights));
  return results;
}

/** Adds one image's gradients to `gradients` and returns its loss. */
function backpropagate(
  image: Float64Array,
  label: number,
  weights: LenetWeights,
  gradients: Record<LenetKey, Float64Array>,
): number {
  const conv1: ConvShape = { inChannels: 1, outChannels: 6, size: 28, padding: 2, outSize: 28 };
  const conv2: ConvShape = { inChannels: 6, outChannels: 16, size: 14, padding: 0, outSize: 10 };

  const h1 = relu(conv2d(image, weights['conv1.weight'], weights['conv1.bias'], conv1)); // [6, 28, 28]
  const p1 = maxPool(h1, 28); // [6, 14, 14]
  const h2 = relu(conv2d(p1.y, weights['conv2.weight'], weights['conv2.bias'], conv2)); // [16, 10, 10]
  const p2 = maxPool(h2, 10); // [16, 5, 5] = [400]
  const h3 = relu(linear(p2.y, weights['fc1.weight'], weights['fc1.bias'])); // [120]
  const h4 = relu(linear(h3, weights['fc2.weight'], weights['fc2.bias'])); // [84]
  const logits = linear(h4, weights['fc3.weight'], weights['fc3.bias']); // [10]

  const largest = Math.max(...logits);
  const logSum = largest + Math.log(logits.reduce((sum, v) => sum + Math.exp(v - largest), 0));
  const dlogits = logits.map((v, i) => Math.exp(v - logSum) - (i === label ? 1 : 0));

  const dh4 = linearBackward(dlogits, h4, weights['fc3.weight'], gradients['fc3.weight'], gradients['fc3.bias']);
  const dz4 = reluBackward(dh4, h4);
  const dh3 = linearBackward(dz4, h3, weights['fc2.weight'], gradients['fc2.weight'], gradients['fc2.bias']);
  const dz3 = reluBackward(dh3, h3);
  const dp2 = linearBackward(dz3, p2.y, weights['fc1.weight'], gradients['fc1.weight'], gradients['fc1.bias']);
  const dz2 = reluBackward(maxPoolBackward(dp2, p2.positions, h2.length), h2);
  const dp1 = conv2dBackward(
    dz2,
    p1.y,
    weights['conv2.weight'],
    gradients['conv2.weight'],
    gradients['conv2.bias'],
    conv2,
  );
  const dz1 = reluBackward(maxPoolBackward(dp1, p1.positions, h1.length), h1);
  conv2dBackward(dz1, image, weights['conv1.weight'], gradients['conv1.weight'], gradients['conv1.bias'], conv1);
  return logSum - logits[label];
}

/** A 5x5 convolution with stride 1 over square images. */
interface ConvShape {
  inChannels: number;
  outChannels: number;
  size: number;
  padding: number;
  outSize: number;
}

function conv2d(x: Float64Array, weight: number[], bias: number[], shape: ConvShape): Float64Array {
  const y = new Float64Array(shape.outChannels * shape.outSize ** 2);
  for (let i = 0; i < y.length; i++) y[i] = bias[Math.floor(i / shape.outSize ** 2)];
  forEachTap(shape, (yIndex, xIndex, weightIndex) => {
    y[yIndex] += x[xIndex] * weight[weightIndex];
  });
  return y;
}

function conv2dBackward(
  dy: Float64Array,
  x: Float64Array,
  weight: number[],
  dweight: Float64Array,
  dbias: Float64Array,
  shape: ConvShape,
): Float64Array {
  const dx = new Float64Array(x.length);
  for (let i = 0; i < dy.length; i++) dbias[Math.floor(i / shape.outSize ** 2)] += dy[i];
  forEachTap(shape, (yIndex, xIndex, weightIndex) => {
    dx[xIndex] += dy[yIndex] * weight[weightIndex];
    dweight[weightIndex] += dy[yIndex] * x[xIndex];
  });
  return dx;
}

/** Visits every (output, input, weight) triple that meets in the convolution. */
function forEachTap(shape: ConvShape, visit: (yIndex: number, xIndex: number, weightIndex: number) => void): void {
  const { inChannels, outChannels, size, padding, outSize } = shape;
  for (let oc = 0; oc < outChannels; oc++)
    for (let ic = 0; ic < inChannels; ic++)
      for (let kh = 0; kh < 5; kh++)
        for (let kw = 0; kw < 5; kw++)
          for (let oh = 0; oh < outSize; oh++) {
            const h = oh + kh - padding;
            if (h < 0 || h >= size) continue;
            for (let ow = 0; ow < outSize; ow++) {
              const w = ow + kw - padding;
              if (w < 0 || w >= size) continue;
              const weightIndex = ((oc * inChannels + ic) * 5 + kh) * 5 + kw;
              visit((oc * outSize + oh) * outSize + ow, (ic * size + h) * size + w, weightIndex);
            }
          }
}

/** 2x2 windows, stride 2; `positions` holds where each maximum was, the first one when values tie. */
function maxPool(x: Float64Array, size: number): { y: Float64Array; positions: Int32Array } {
  const half = size / 2;
  const y = new Float64Array(x.length / 4);
  const positions = new Int32Array(y.length);
  for (let i = 0; i < y.length; i++) {
    const row = Math.floor(i / half); // over channels and rows at once: both have an even height
    const first = row * 2 * size + (i % half) * 2;
    for (const position of [first, first + 1, first + size, first + size + 1])
      if (position === first || x[position] > x[positions[i]]) positions[i] = position;
    y[i] = x[positions[i]];
  }
  return { y, positions };
}

function maxPoolBackward(dy: Float64Array, positions: Int32Array, length: number): Float64Array {
  const dx = new Float64Array(length);
  for (let i = 0; i < dy.length; i++) dx[positions[i]] += dy[i];
  return dx;
}

function linear(x: Float64Array, weight: number[], bias: number[]): Float64Array {
  return Float64Array.from(bias, (b, o) => x.reduce((sum, v, i) => sum + v * weight[o * x.length + i], b));
}

function linearBackward(
  dy: Float64Array,
  x: Float64Array,
  weight: number[],
  dweight: Float64Array,
  dbias: Float64Array,
): Float64Array {
  const dx = new Float64Array(x.length);
  for (let o = 0; o < dy.length; o++) {
    dbias[o] += dy[o];
    for (let i = 0; i < x.length; i++) {
      dx[i] += dy[o] * weight[o * x.length + i];
      dweight[o * x.length + i] += dy[o] * x[i];
    }
  }
  return dx;
}

function relu(x: Float64Array): Float64Array {
  return x.map((v) => Math.max(v, 0));
}

function reluBackward(dy: Float64Array, y: Float64Array): Float64Array {
  return dy.map((v, i) => (y[i] > 0 ? v : 0));
}
