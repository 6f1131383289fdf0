// LeNet-5 in jax-js: the whole training step is one jitted function, NCHW as its convolution wants.
import { createRequire } from 'node:module';
import type { numpy } from '@jax-js/jax';
import { permute } from '../permute.ts';
import { type LenetKey, type LenetWeights, lenetKeys, lenetShapes, type Problem } from '../problem.ts';
import { type LenetTrainer, serveContender } from '../serveContender.ts';

type Params = Record<LenetKey, numpy.Array>;

// the package exports no package.json, so its version is read beside its entry point
const { version } = createRequire(import.meta.url)('../../node_modules/@jax-js/jax/package.json');

serveContender({ version, create });

async function create(problem: Problem): Promise<LenetTrainer> {
  // imported here because it looks for navigator.gpu, which serveContender installs
  const {
    blockUntilReady,
    defaultDevice,
    init,
    jit,
    lax,
    nn,
    numpy: np,
    tree,
    valueAndGrad,
  } = await import('@jax-js/jax');
  if (!(await init('webgpu')).includes('webgpu')) throw new Error('jax-js found no WebGPU adapter');
  defaultDevice('webgpu');

  const { batchSize, learningRate } = problem;
  const x = np.array(Float32Array.from(problem.x)).reshape([batchSize, 1, 28, 28]);
  const labels = np.array(Int32Array.from(problem.labels), { dtype: np.int32 });
  let params = Object.fromEntries(
    lenetKeys().map((key) => {
      const { axes, shape } = layout(key);
      const values = Float32Array.from(permute(problem.weights[key], lenetShapes[key], axes));
      return [key, np.array(values).reshape(shape)];
    }),
  ) as Params;
  let loss: numpy.Array | undefined;
  await blockUntilReady([x, labels, params]);

  const step = jit((params: Params, x: numpy.Array, labels: numpy.Array): [Params, numpy.Array] => {
    const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(params), x, labels);
    const updated = Object.fromEntries(
      lenetKeys().map((key) => [key, params[key].sub(gradients[key].mul(learningRate))]),
    ) as Params;
    return [updated, loss];
  });

  return {
    step() {
      loss?.dispose();
      [params, loss] = step(params, x.ref, labels.ref);
    },
    async finish() {
      await blockUntilReady(params);
      return (await loss!.ref.data())[0];
    },
    async weights() {
      const weights: Partial<LenetWeights> = {};
      for (const key of lenetKeys()) {
        const { axes, shape } = layout(key);
        weights[key] = permute(await params[key].ref.data(), shape, axes); // a swap is its own inverse
      }
      return weights as LenetWeights;
    },
  };

  function lossOf(p: Params, x: numpy.Array, labels: numpy.Array): numpy.Array {
    const logits = forward(p, x); // [n, 10]
    return nn
      .logSoftmax(logits)
      .mul(nn.oneHot(labels, 10))
      .sum()
      .mul(-1 / batchSize);
  }

  function forward(p: Params, x: numpy.Array): numpy.Array {
    x = lax.convGeneralDilated(x, p['conv1.weight'], [1, 1], [2, 2].map((p) => [p, p]) as [number, number][]);
    x = maxPool(nn.relu(x.add(p['conv1.bias'].reshape([6, 1, 1])))); // [n, 6, 14, 14]
    x = lax.convGeneralDilated(x, p['conv2.weight'], [1, 1], 'VALID');
    x = maxPool(nn.relu(x.add(p['conv2.bias'].reshape([16, 1, 1])))); // [n, 16, 5, 5]
    x = nn.relu(linear(x.reshape([batchSize, 400]), p['fc1.weight'], p['fc1.bias'])); // [n, 120]
    x = nn.relu(linear(x, p['fc2.weight'], p['fc2.bias'])); // [n, 84]
    return linear(x, p['fc3.weight'], p['fc3.bias']); // [n, 10]
  }

  function maxPool(x: numpy.Array): numpy.Array {
    return lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
  }

  function linear(x: numpy.Array, weight: numpy.Array, bias: numpy.Array): numpy.Array {
    return np.dot(x, weight).add(bias);
  }
}

/** PyTorch's layouts, except that matrices lie as `[in, out]`, which its `dot` reads faster. */
function layout(key: LenetKey): { axes: number[]; shape: number[] } {
  const torchShape = lenetShapes[key];
  const axes = torchShape.length === 2 ? [1, 0] : torchShape.map((_, axis) => axis);
  return { axes, shape: axes.map((axis) => torchShape[axis]) };
}
