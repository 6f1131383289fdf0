// TensorFlow.js on its WebGPU backend: core operations in its native NHWC, fused where it offers that, its optimizers.
import { createRequire } from 'node:module';
import type { Scalar, Tensor, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs';
import { type Layers, networks } from '../network.ts';
import { permute } from '../permute.ts';
import type { Problem } from '../problem.ts';
import { serve, type Work } from '../serve.ts';
import { type Input, valuesOf } from '../values.ts';
import type { Workload } from '../workload.ts';

type Tf = typeof import('@tensorflow/tfjs');

const require = createRequire(import.meta.url);
const EPS = 1e-5;
/** WebGPU's smallest guaranteed largest binding: Dawn refuses a larger one, and tfjs returns zeros. */
const BINDING_BYTES = 128 * 2 ** 20;

serve({ version: require('@tensorflow/tfjs/package.json').version, create });

async function create(problem: Problem): Promise<Work> {
  // required here because the backend looks for navigator.gpu, which `serve` installs
  const tf: Tf = require('@tensorflow/tfjs');
  require('@tensorflow/tfjs-backend-webgpu');
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs could not start its webgpu backend');
  const { workload } = problem;
  if (workload.kind === 'adam') return adam(tf, problem);
  if (workload.kind === 'forward' || workload.kind === 'step') return model(tf, workload, problem);
  return operation(tf, workload, problem.inputs);
}

function operation(tf: Tf, workload: Exclude<Workload, { model: string }>, inputs: Problem['inputs']): Work {
  const isTraining = 'pass' in workload && workload.pass === 'training';
  const tensors = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, place(tf, input)]));
  const names = Object.keys(tensors).filter((name) => name !== 'dy');
  const values = names.map((name) => tensors[name]);
  let results: Tensor[] = [];
  return {
    run() {
      for (const result of results) result.dispose();
      results = tf.tidy(() => (isTraining ? tf.grads(forward)(values, tensors.dy) : [forward(...values)]));
    },
    finish: () => firstNumber(results.at(-1)!),
    async outputs() {
      if (!isTraining) return { y: await toTorch(results[0]) };
      const outputs: Record<string, ArrayLike<number>> = {};
      for (const [i, name] of names.entries()) outputs[`d${name}`] = await toTorch(results[i], inputs[name]);
      return outputs;
    },
  };

  function forward(...given: Tensor[]): Tensor {
    const [x, weight, bias] = given as Tensor4D[];
    if (workload.kind === 'matmul') return tf.matMul(x as Tensor, weight as Tensor);
    if (workload.kind === 'conv2d') return tf.conv2d(x, weight, workload.stride, workload.padding, 'NHWC', 1, 'floor');
    if (workload.kind === 'maxPool2d') return tf.maxPool(x, workload.kernel, workload.stride, 'valid');
    return batchNorm(tf, x, weight as Tensor, bias as Tensor);
  }
}

function adam(tf: Tf, { inputs, parameters }: Problem): Work {
  const names = Object.keys(inputs);
  const variables = names.map((name) => tf.variable(place(tf, parameters[name]), true, name));
  const gradients = names.map((name) => ({ name, tensor: place(tf, inputs[name]) }));
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  return {
    run: () => optimizer.applyGradients(gradients as never), // its types know maps only, its code lists too
    finish: () => firstNumber(variables[0]),
    outputs: () => readAll(names, variables, parameters),
  };
}

function model(tf: Tf, workload: Extract<Workload, { batch: number; model: string }>, problem: Problem): Work {
  const { parameters, inputs, labels } = problem;
  const isStep = workload.kind === 'step';
  const names = Object.keys(parameters).filter((name) => !isStep || !name.includes('running_'));
  const tensors = new Map<string, Tensor[]>();
  for (const name of names) {
    const pieces = cut(tf, parameters[name]);
    tensors.set(name, isStep ? pieces.map((piece) => tf.variable(piece, true, name)) : pieces);
  }
  const layers = new TfjsLayers(tf, tensors, isStep);
  const x = place(tf, inputs.x) as Tensor4D;
  const network = networks[workload.model];
  let result: Tensor | undefined;

  if (!isStep)
    return {
      run() {
        result?.dispose();
        result = tf.tidy(() => network<Tensor>(layers, x));
      },
      finish: () => firstNumber(result!),
      outputs: async () => ({ y: await result!.data() }),
    };
  const classes = parameters[names.at(-1)!].shape[0]; // of the last bias
  const oneHot = tf.oneHot(tf.tensor1d([...labels], 'int32'), classes);
  const optimizer = tf.train.sgd(workload.learningRate);
  const lossOf = () =>
    tf.losses
      .softmaxCrossEntropy(oneHot, network<Tensor>(layers, x), undefined, 0, tf.Reduction.MEAN)
      .asScalar() as Scalar;
  return {
    run() {
      result?.dispose();
      result = optimizer.minimize(lossOf, true)!;
    },
    finish: () => firstNumber(result!), // the queue is in order: the updates are done before this copy
    outputs: () =>
      readAll(
        names,
        names.map((name) => tensors.get(name)![0] as Variable),
        parameters,
      ),
  };
}

class TfjsLayers implements Layers<Tensor> {
  readonly #tf: Tf;
  /** A linear weight may lie in pieces, along its inputs. */
  readonly #parameters: ReadonlyMap<string, readonly Tensor[]>;
  readonly #isTraining: boolean;

  constructor(tf: Tf, parameters: ReadonlyMap<string, readonly Tensor[]>, isTraining: boolean) {
    this.#tf = tf;
    this.#parameters = parameters;
    this.#isTraining = isTraining;
  }

  conv2d(x: Tensor, name: string, { stride = 1, padding = 0, relu = false }): Tensor {
    const filter = this.#get(`${name}.weight`) as Tensor4D;
    const bias = this.#parameters.get(`${name}.bias`)?.[0];
    if (!bias) return this.#tf.conv2d(x as Tensor4D, filter, stride, padding, 'NHWC', 1, 'floor');
    const activation = relu ? 'relu' : 'linear';
    return this.#tf.fused.conv2d({
      ...{ x: x as Tensor4D, filter, strides: stride, pad: padding, dimRoundingMode: 'floor', bias, activation },
    });
  }

  batchNorm2d(x: Tensor, name: string): Tensor {
    const [weight, bias] = [this.#get(`${name}.weight`), this.#get(`${name}.bias`)];
    if (this.#isTraining) return batchNorm(this.#tf, x as Tensor4D, weight, bias);
    const [mean, variance] = [this.#get(`${name}.running_mean`), this.#get(`${name}.running_var`)];
    return this.#tf.batchNorm(x as Tensor4D, mean as never, variance as never, bias as never, weight as never, EPS);
  }

  relu(x: Tensor): Tensor {
    return this.#tf.relu(x);
  }

  maxPool2d(x: Tensor, { kernel, stride, padding = 0 }: { kernel: number; stride: number; padding?: number }): Tensor {
    return this.#tf.maxPool(x as Tensor4D, kernel, stride, padding, 'floor');
  }

  globalAvgPool(x: Tensor): Tensor {
    return this.#tf.mean(x, [1, 2]);
  }

  flatten(x: Tensor): Tensor {
    return x.reshape([x.shape[0], -1]);
  }

  linear(x: Tensor, name: string, { relu = false } = {}): Tensor {
    const pieces = this.#parameters.get(`${name}.weight`)! as Tensor2D[];
    const bias = this.#get(`${name}.bias`);
    const activation = relu ? 'relu' : 'linear';
    if (pieces.length === 1) return this.#tf.fused.matMul({ a: x as Tensor2D, b: pieces[0], bias, activation });
    const parts = this.#tf.split(
      x,
      pieces.map(({ shape }) => shape[0]),
      1,
    ) as Tensor2D[];
    const y = this.#tf.add(this.#tf.addN(parts.map((part, i) => this.#tf.matMul(part, pieces[i]))), bias);
    return relu ? this.relu(y) : y;
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#tf.add(a, b);
  }

  share(x: Tensor): Tensor {
    return x;
  }

  #get(name: string): Tensor {
    return this.#parameters.get(name)![0];
  }
}

function batchNorm(tf: Tf, x: Tensor4D, weight: Tensor, bias: Tensor): Tensor4D {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(x, mean as never, variance as never, bias as never, weight as never, EPS);
}

/** A PyTorch tensor as tfjs wants it: images NHWC, kernels `[kh, kw, in, out]`, matrices `[in, out]`. */
function place(tf: Tf, input: Input): Tensor {
  const { shape, axes } = layout(input);
  return tf.tensor(permute(valuesOf(input), shape, axes), tfjsShape(input));
}

/** Its rows in pieces that Dawn can bind. */
function cut(tf: Tf, input: Input): Tensor[] {
  const whole = permute(valuesOf(input), layout(input).shape, layout(input).axes);
  if (whole.byteLength <= BINDING_BYTES) return [tf.tensor(whole, tfjsShape(input))];
  const [rows, columns] = tfjsShape(input);
  const half = rows >> 1;
  return [
    tf.tensor(whole.subarray(0, half * columns), [half, columns]),
    tf.tensor(whole.subarray(half * columns), [rows - half, columns]),
  ];
}

interface Layout {
  /** PyTorch's, a flattened image's axes apart. */
  readonly shape: readonly number[];
  /** Of `shape`, in tfjs's order. */
  readonly axes: readonly number[];
}

function layout({ shape, isWeight, image }: Input): Layout {
  if (image) return { shape: [shape[0], ...image], axes: [2, 3, 1, 0] };
  if (shape.length === 4) return { shape, axes: isWeight ? [2, 3, 1, 0] : [0, 2, 3, 1] };
  return { shape, axes: isWeight && shape.length === 2 ? [1, 0] : shape.map((_, axis) => axis) };
}

function tfjsShape(input: Input): number[] {
  if (input.image) return [input.shape[1], input.shape[0]];
  return layout(input).axes.map((axis) => input.shape[axis]);
}

/** @param input what `tensor` was placed from; default: an image or a matrix */
async function toTorch(tensor: Tensor, input?: Input): Promise<ArrayLike<number>> {
  const values = await tensor.data();
  const given = tensor.shape;
  if (!input) return given.length === 4 ? permute(values, given, [0, 3, 1, 2]) : values;
  const { shape, axes } = layout(input);
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  return permute(
    values,
    axes.map((axis) => shape[axis]),
    inverse,
  );
}

async function readAll(
  names: readonly string[],
  tensors: readonly Tensor[],
  inputs: Problem['parameters'],
): Promise<Record<string, ArrayLike<number>>> {
  const outputs: Record<string, ArrayLike<number>> = {};
  for (const [i, name] of names.entries()) outputs[name] = await toTorch(tensors[i], inputs[name]);
  return outputs;
}

async function firstNumber(tensor: Tensor): Promise<number> {
  if (tensor.size === 1) return (await tensor.data())[0];
  const first = tensor.flatten().slice(0, 1);
  const [value] = await first.data();
  first.dispose();
  return value;
}
