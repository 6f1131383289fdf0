// The numbers every contender of the LeNet-5 benchmark starts from: weights, one batch, labels, learning rate.
// The parent makes them once and hands the same ones to each process, so results can be compared number by number.

/** Shapes of LeNet-5's parameters under PyTorch's names and in its layouts: `[out, in, kh, kw]` and `[out, in]`. */
export const lenetShapes = {
  'conv1.weight': [6, 1, 5, 5],
  'conv1.bias': [6],
  'conv2.weight': [16, 6, 5, 5],
  'conv2.bias': [16],
  'fc1.weight': [120, 400],
  'fc1.bias': [120],
  'fc2.weight': [84, 120],
  'fc2.bias': [84],
  'fc3.weight': [10, 84],
  'fc3.bias': [10],
} as const;

export type LenetKey = keyof typeof lenetShapes;

/** One flat array per parameter. Plain arrays, because the numbers travel between processes as JSON. */
export type LenetWeights = Record<LenetKey, number[]>;

export interface Problem {
  batchSize: number;
  learningRate: number;
  weights: LenetWeights;
  /** Images, `[batchSize, 1, 28, 28]`. */
  x: number[];
  /** Classes 0..9, `[batchSize]`. */
  labels: number[];
}

/**
 * Makes the problem: PyTorch's default initialisation (uniform within 1/sqrt(fanIn)) and images of uniform noise
 * with mean 0 and deviation 1. Noise rather than digits, because a flat background would tie inside the pooling
 * windows, and libraries route the gradient of a tie differently. All values are exact float32.
 */
export function makeProblem({ batchSize = 64, learningRate = 0.1, seed = 0 } = {}): Problem {
  const random = mulberry32(seed);
  const uniform = (count: number, bound: number) =>
    Array.from({ length: count }, () => Math.fround((2 * random() - 1) * bound));

  const weights = Object.fromEntries(
    lenetKeys().map((key) => {
      const fanIn = product(lenetShapes[key.replace('bias', 'weight') as LenetKey].slice(1));
      return [key, uniform(product(lenetShapes[key]), 1 / Math.sqrt(fanIn))];
    }),
  ) as LenetWeights;
  const x = uniform(batchSize * 28 * 28, Math.sqrt(3));
  const labels = Array.from({ length: batchSize }, () => Math.floor(random() * 10));
  return { batchSize, learningRate, weights, x, labels };
}

/** The parameters' names, in the order of the forward pass. */
export function lenetKeys(): LenetKey[] {
  return Object.keys(lenetShapes) as LenetKey[];
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a * b, 1);
}

/** Tommy Ettinger's 32-bit generator: enough for test numbers, and the same on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
