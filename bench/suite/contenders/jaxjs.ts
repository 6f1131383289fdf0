// jax-js: every run is one jitted function, NCHW as its convolution wants.
import { createRequire } from 'node:module';
import type { numpy } from '@jax-js/jax';
import { type Layers, networks } from '../network.ts';
import { permute } from '../permute.ts';
import type { Problem } from '../problem.ts';
import { serve, type Work } from '../serve.ts';
import { type Input, valuesOf } from '../values.ts';
import type { Workload } from '../workload.ts';

type Jax = typeof import('@jax-js/jax');
type Array_ = numpy.Array;
type Params = Record<string, Array_>;

const EPS = 1e-5;
/** WebGPU's smallest guaranteed largest binding: Dawn refuses a larger one, and jax-js returns zeros. */
const BINDING_BYTES = 128 * 2 ** 20;

// the package exports no package.json, so its version is read beside its entry point
const entry = createRequire(import.meta.url).resolve('@jax-js/jax');
const { version } = createRequire(entry)('../package.json');

serve({ version, create });

async function create(problem: Problem): Promise<Work> {
  // imported here because it looks for navigator.gpu, which `serve` installs
  const jax = await import('@jax-js/jax');
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('jax-js found no WebGPU adapter');
  jax.defaultDevice('webgpu');
  const { workload } = problem;
  if (workload.kind === 'adam') return adam(jax, problem);
  if (workload.kind === 'forward' || workload.kind === 'step') return model(jax, workload, problem);
  return operation(jax, workload, problem.inputs);
}

async function operation(
  jax: Jax,
  workload: Exclude<Workload, { model: string }>,
  inputs: Problem['inputs'],
): Promise<Work> {
  const isTraining = 'pass' in workload && workload.pass === 'training';
  const names = Object.keys(inputs);
  const given = names.map((name) => place(jax, inputs[name]));
  await jax.blockUntilReady(given);
  const differentiate = (...all: Array_[]): Array_[] => {
    const dy = all.pop()!;
    const [y, pull] = jax.vjp(forward, all);
    const gradients = pull(dy) as Array_[];
    pull.dispose();
    return [y, ...gradients]; // y too, or the compiler would leave the forward pass out
  };
  const run = jax.jit(isTraining ? differentiate : (...all: Array_[]) => [forward(...all)]);
  let results: Array_[] = [];
  const pipeline = new Submitter();

  return {
    run() {
      for (const result of results) result.dispose();
      results = run(...given.map(({ ref }) => ref));
      pipeline.submit(results);
    },
    finish: () => pipeline.finish(jax, results),
    async outputs() {
      if (!isTraining) return { y: await results[0].ref.data() };
      const outputs: Record<string, ArrayLike<number>> = {};
      for (const [i, result] of results.slice(1).entries()) outputs[`d${names[i]}`] = await result.ref.data();
      return outputs;
    },
  };

  function forward(...all: Array_[]): Array_ {
    const [x, weight, bias] = all;
    if (workload.kind === 'matmul') return jax.numpy.dot(x, weight);
    if (workload.kind === 'conv2d') return conv2d(jax, x, weight, workload);
    if (workload.kind === 'maxPool2d') return maxPool2d(jax, x, workload);
    return batchNorm(jax, x, weight, bias);
  }
}

async function adam(jax: Jax, { inputs, parameters }: Problem): Promise<Work> {
  const names = Object.keys(inputs);
  const all = (make: (name: string) => Array_) => Object.fromEntries(names.map((name) => [name, make(name)]));
  const zeros = (name: string) => jax.numpy.zeros(shapeOf(parameters[name]));
  let state: [Params, Params, Params] = [all((name) => place(jax, parameters[name])), all(zeros), all(zeros)];
  const gradients = all((name) => place(jax, inputs[name]));
  let step = 0;
  await jax.blockUntilReady([...state, gradients]);

  // the corrections enter as arrays: a number would be compiled in, and each step be compiled anew
  const update = jax.jit(
    (params: Params, means: Params, squares: Params, gradients: Params, first: Array_, second: Array_) => {
      const next: [Params, Params, Params] = [{}, {}, {}];
      for (const name of names) {
        const g = gradients[name];
        const mean = means[name].mul(0.9).add(g.ref.mul(0.1));
        const square = squares[name].mul(0.999).add(g.ref.mul(g).mul(0.001));
        const denominator = jax.numpy.sqrt(square.ref.mul(second.ref)).add(1e-8);
        next[0][name] = params[name].sub(mean.ref.mul(first.ref).div(denominator).mul(1e-3));
        next[1][name] = mean;
        next[2][name] = square;
      }
      first.dispose();
      second.dispose();
      return next;
    },
  );
  const pipeline = new Submitter();
  return {
    run() {
      step++;
      const correction = (beta: number) => jax.numpy.array([1 / (1 - beta ** step)]);
      state = update(...state, jax.tree.ref(gradients), correction(0.9), correction(0.999)) as typeof state;
      pipeline.submit(state.flatMap((each) => Object.values(each)));
    },
    finish: () => pipeline.finish(jax, Object.values(state[0])),
    outputs: () => readAll(state[0], parameters),
  };
}

async function model(
  jax: Jax,
  workload: Extract<Workload, { batch: number; model: string }>,
  problem: Problem,
): Promise<Work> {
  const isStep = workload.kind === 'step';
  let params: Params = {};
  for (const [name, input] of Object.entries(problem.parameters))
    if (!isStep || !name.includes('running_')) Object.assign(params, pieces(jax, name, input));
  const x = place(jax, problem.inputs.x);
  const labels = jax.numpy.array(Int32Array.from(problem.labels), { dtype: jax.numpy.int32 });
  await jax.blockUntilReady([params, x]);
  const forward = (given: Params, images: Array_) =>
    networks[workload.model]<Array_>(new JaxLayers(jax, given, isStep), images);
  let result: Array_ | undefined;
  const pipeline = new Submitter();

  if (workload.kind === 'forward') {
    const run = jax.jit(forward);
    return {
      run() {
        result?.dispose();
        result = run(jax.tree.ref(params), x.ref);
        pipeline.submit([result]);
      },
      finish: () => pipeline.finish(jax, [result!]),
      outputs: async () => ({ y: await result!.ref.data() }),
    };
  }
  const lossOf = (given: Params, images: Array_, classes: Array_): Array_ => {
    const logits = forward(given, images);
    const oneHot = jax.nn.oneHot(classes, logits.shape[1]);
    return jax.nn
      .logSoftmax(logits)
      .mul(oneHot)
      .sum()
      .mul(-1 / workload.batch);
  };
  const step = jax.jit((given: Params, images: Array_, classes: Array_): [Params, Array_] => {
    const [loss, gradients] = jax.valueAndGrad(lossOf)(jax.tree.ref(given), images, classes);
    const updated = Object.entries(given).map(([name, value]) => [
      name,
      value.sub((gradients as Params)[name].mul(workload.learningRate)),
    ]);
    return [Object.fromEntries(updated), loss];
  });
  return {
    run() {
      result?.dispose();
      [params, result] = step(params, x.ref, labels.ref) as [Params, Array_];
      pipeline.submit([...Object.values(params), result]);
    },
    finish: () => pipeline.finish(jax, [...Object.values(params), result!]),
    outputs: () => readAll(params, problem.parameters),
  };
}

/** Consumes each parameter at its one use, as jax-js counts references. */
class JaxLayers implements Layers<Array_> {
  readonly #jax: Jax;
  readonly #params: Params;
  readonly #isTraining: boolean;

  constructor(jax: Jax, params: Params, isTraining: boolean) {
    this.#jax = jax;
    this.#params = params;
    this.#isTraining = isTraining;
  }

  conv2d(x: Array_, name: string, { stride = 1, padding = 0, relu = false }): Array_ {
    const y = conv2d(this.#jax, x, this.#params[`${name}.weight`], { stride, padding });
    const bias = this.#params[`${name}.bias`];
    const biased = bias ? y.add(perChannel(bias)) : y;
    return relu ? this.relu(biased) : biased;
  }

  batchNorm2d(x: Array_, name: string): Array_ {
    const part = (what: string) => this.#params[`${name}.${what}`];
    if (this.#isTraining) return batchNorm(this.#jax, x, part('weight'), part('bias'));
    const scale = part('weight').div(this.#jax.numpy.sqrt(part('running_var').add(EPS)));
    const shift = part('bias').sub(part('running_mean').mul(scale.ref));
    return x.mul(perChannel(scale)).add(perChannel(shift));
  }

  relu(x: Array_): Array_ {
    return this.#jax.nn.relu(x);
  }

  maxPool2d(x: Array_, options: { kernel: number; stride: number; padding?: number }): Array_ {
    return maxPool2d(this.#jax, x, options);
  }

  globalAvgPool(x: Array_): Array_ {
    return this.#jax.numpy.mean(x, [2, 3]);
  }

  flatten(x: Array_): Array_ {
    return x.reshape([x.shape[0], -1]);
  }

  linear(x: Array_, name: string, { relu = false } = {}): Array_ {
    const y = this.#product(x, `${name}.weight`).add(this.#params[`${name}.bias`]);
    return relu ? this.relu(y) : y;
  }

  add(a: Array_, b: Array_): Array_ {
    return a.add(b);
  }

  share(x: Array_): Array_ {
    return x.ref;
  }

  #product(x: Array_, weight: string): Array_ {
    const whole = this.#params[weight];
    if (whole) return this.#jax.numpy.dot(x, whole);
    const [first, second] = [this.#params[`${weight}/0`], this.#params[`${weight}/1`]];
    const rows = first.shape[0];
    const left = this.#jax.numpy.dot(x.ref.slice([], [0, rows]), first);
    return left.add(this.#jax.numpy.dot(x.slice([], [rows, x.shape[1]]), second));
  }
}

function conv2d(jax: Jax, x: Array_, weight: Array_, { stride, padding }: { stride: number; padding: number }): Array_ {
  const sides: [number, number] = [padding, padding];
  return jax.lax.convGeneralDilated(x, weight, [stride, stride], [sides, sides]);
}

function maxPool2d(
  jax: Jax,
  x: Array_,
  { kernel, stride, padding = 0 }: { kernel: number; stride: number; padding?: number },
): Array_ {
  const sides: [number, number] = [padding, padding];
  const padded = padding ? jax.numpy.pad(x, [[0, 0], [0, 0], sides, sides]) : x;
  return jax.lax.reduceWindow(padded, jax.numpy.max as (x: Array_) => Array_, [kernel, kernel], [stride, stride]);
}

function batchNorm(jax: Jax, x: Array_, weight: Array_, bias: Array_): Array_ {
  const mean = jax.numpy.mean(x.ref, [0, 2, 3], { keepdims: true });
  const centered = x.sub(mean);
  const variance = jax.numpy.mean(centered.ref.mul(centered.ref), [0, 2, 3], { keepdims: true });
  const scale = perChannel(weight).div(jax.numpy.sqrt(variance.add(EPS)));
  return centered.mul(scale).add(perChannel(bias));
}

function perChannel(values: Array_): Array_ {
  return values.reshape([values.shape[0], 1, 1]);
}

/** PyTorch's layouts, except that linear weights lie as `[in, out]`, which its `dot` reads faster. */
function place(jax: Jax, input: Input): Array_ {
  return jax.numpy.array(arranged(input)).reshape(shapeOf(input));
}

/** A weight under its name, or in two halves of its rows where Dawn could not bind it whole. */
function pieces(jax: Jax, name: string, input: Input): Params {
  const values = arranged(input);
  if (values.byteLength <= BINDING_BYTES) return { [name]: place(jax, input) };
  const [rows, columns] = shapeOf(input);
  const half = rows >> 1;
  const piece = (from: number, to: number) =>
    jax.numpy.array(values.slice(from * columns, to * columns)).reshape([to - from, columns]);
  return { [`${name}/0`]: piece(0, half), [`${name}/1`]: piece(half, rows) };
}

function arranged(input: Input): Float32Array<ArrayBuffer> {
  return isMatrix(input) ? permute(valuesOf(input), input.shape, [1, 0]) : valuesOf(input);
}

function shapeOf(input: Input): number[] {
  return isMatrix(input) ? [...input.shape].reverse() : [...input.shape];
}

function isMatrix({ shape, isWeight }: Input): boolean {
  return Boolean(isWeight) && shape.length === 2;
}

async function readAll(params: Params, inputs: Problem['parameters']): Promise<Record<string, ArrayLike<number>>> {
  const outputs: Record<string, ArrayLike<number>> = {};
  for (const [name, array] of Object.entries(params)) {
    const values = await array.ref.data();
    outputs[name] = isMatrix(inputs[name]) ? permute(values, shapeOf(inputs[name]), [1, 0]) : values;
  }
  return outputs;
}

/**
 * jax-js computes nothing before somebody asks, and what is disposed unasked never: a loop of runs would be as fast as
 * its last. So each run is submitted as it comes, as soon as the first has compiled.
 */
class Submitter {
  #isCompiled = false;

  submit(results: readonly Array_[]): void {
    if (this.#isCompiled) for (const result of results) result.ref.gpuBufferSync();
  }

  /** Waits, and reads one number of the last result. */
  async finish(jax: Jax, results: readonly Array_[]): Promise<number> {
    await jax.blockUntilReady(results as Array_[]);
    this.#isCompiled = true;
    const last = results.at(-1)!;
    if (last.size === 1) return (await last.ref.data())[0];
    return (await last.ref.slice(...last.shape.map((): [number, number] => [0, 1])).data())[0];
  }
}
