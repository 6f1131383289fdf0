// LeNet-5 in TensorFlow.js on its WebGPU backend: core operations in its native NHWC, its own SGD optimizer.
import { createRequire } from 'node:module';
import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs';
import { permute } from '../permute.ts';
import { type LenetKey, type LenetWeights, lenetKeys, lenetShapes, type Problem } from '../problem.ts';
import { type LenetTrainer, serveContender } from '../serveContender.ts';

const require = createRequire(import.meta.url);

serveContender({ version: require('@tensorflow/tfjs/package.json').version, create });

async function create(problem: Problem): Promise<LenetTrainer> {
  // required here because the backend looks for navigator.gpu, which serveContender installs
  const tf: typeof import('@tensorflow/tfjs') = require('@tensorflow/tfjs');
  require('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs could not start its webgpu backend');

  const { batchSize } = problem;
  const x = tf.tensor4d(Float32Array.from(problem.x), [batchSize, 28, 28, 1]); // one channel: NCHW equals NHWC
  const labels = tf.tensor2d(
    problem.labels.map((label) => Array.from({ length: 10 }, (_, i) => Number(i === label))),
    [batchSize, 10],
  );
  const variables = Object.fromEntries(
    lenetKeys().map((key) => {
      const { shape, torchShape, axes } = layouts(key);
      const values = Float32Array.from(permute(problem.weights[key], torchShape, axes));
      return [key, tf.variable(tf.tensor(values, shape))];
    }),
  ) as Record<LenetKey, Variable>;
  const kernel = (key: LenetKey) => variables[key] as unknown as Tensor4D;
  const matrix = (key: LenetKey) => variables[key] as unknown as Tensor2D;
  const optimizer = tf.train.sgd(problem.learningRate);
  let loss: ReturnType<typeof optimizer.minimize> = null;

  return {
    step() {
      loss?.dispose();
      loss = optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(labels, forward(), undefined, 0, tf.Reduction.MEAN).asScalar(),
        true,
      );
    },
    async finish() {
      return (await loss!.data())[0]; // the queue is in order: the updates are done before this copy
    },
    async weights() {
      const weights: Partial<LenetWeights> = {};
      for (const key of lenetKeys()) weights[key] = toTorch(await variables[key].data(), key);
      return weights as LenetWeights;
    },
  };

  function forward(): Tensor2D {
    let h = conv2d(x, 'conv1', 'same'); // 5x5, so 'same' pads by 2
    h = tf.maxPool(tf.relu(h), 2, 2, 'valid'); // [n, 14, 14, 6]
    h = conv2d(h, 'conv2', 'valid');
    h = tf.maxPool(tf.relu(h), 2, 2, 'valid'); // [n, 5, 5, 16]
    let f = tf.relu(linear(h.reshape([batchSize, 400]), 'fc1')); // [n, 120]
    f = tf.relu(linear(f, 'fc2')); // [n, 84]
    return linear(f, 'fc3'); // [n, 10]
  }

  function conv2d(x: Tensor4D, layer: 'conv1' | 'conv2', pad: 'same' | 'valid'): Tensor4D {
    return tf.add(tf.conv2d(x, kernel(`${layer}.weight`), 1, pad), variables[`${layer}.bias`]);
  }

  function linear(x: Tensor2D, layer: 'fc1' | 'fc2' | 'fc3'): Tensor2D {
    return tf.add(tf.matMul(x, matrix(`${layer}.weight`)), variables[`${layer}.bias`]);
  }
}

/** How a PyTorch parameter lies in tfjs: kernels `[kh, kw, in, out]`, matrices `[in, out]`, flattened as h w c. */
function layouts(key: LenetKey): { torchShape: readonly number[]; axes: number[]; shape: number[] } {
  const torchShape = lenetShapes[key];
  if (key === 'fc1.weight') return { torchShape: [120, 16, 5, 5], axes: [2, 3, 1, 0], shape: [400, 120] };
  const axes = { 4: [2, 3, 1, 0], 2: [1, 0], 1: [0] }[torchShape.length];
  return { torchShape, axes, shape: axes.map((axis) => torchShape[axis]) };
}

function toTorch(values: ArrayLike<number>, key: LenetKey): number[] {
  const { torchShape, axes } = layouts(key);
  const shape = axes.map((axis) => torchShape[axis]);
  const inverse = torchShape.map((_, axis) => axes.indexOf(axis));
  return permute(values, shape, inverse);
}
