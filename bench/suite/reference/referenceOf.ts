// What a problem comes to, in float64.
import { networks } from '../network.ts';
import type { Unprobed } from '../problem.ts';
import { type Input, valuesOf } from '../values.ts';
import { type Adam, checkedRuns, type ModelForward, type ModelStep, type Workload } from '../workload.ts';
import { ReferenceLayers } from './layers.ts';
import { type Node, sized } from './node.ts';

export interface Expected {
  /** The loss of each checked run; empty where there is none. */
  readonly losses: readonly number[];
  readonly outputs: Readonly<Record<string, ExpectedOutput>>;
}

export interface ExpectedOutput {
  readonly values: Float64Array;
  /** What it was before, for parameters: they are judged by how they changed. */
  readonly before?: Float32Array;
}

/** Takes a second for each 10⁹ multiplications or so. */
export function referenceOf({ workload, ...problem }: Unprobed): Expected {
  if (workload.kind === 'adam') return adam(workload, problem);
  if (workload.kind === 'forward' || workload.kind === 'step') return model(workload, problem);
  return { losses: [], outputs: operation(workload, problem.inputs) };
}

type Given = Omit<Unprobed, 'workload'>;

function operation(
  workload: Exclude<Workload, ModelForward | ModelStep | Adam>,
  inputs: Given['inputs'],
): Record<string, ExpectedOutput> {
  if (workload.kind === 'matmul') return { y: { values: matmul(workload.n, valuesOf(inputs.a), valuesOf(inputs.b)) } };
  const x = nodeOf(inputs.x);
  const parameters: Record<string, Node> = {};
  for (const name of ['weight', 'bias']) if (inputs[name]) parameters[`it.${name}`] = nodeOf(inputs[name]);
  const layers = new ReferenceLayers(parameters, true);
  const y =
    workload.kind === 'conv2d'
      ? layers.conv2d(x, 'it', workload)
      : workload.kind === 'maxPool2d'
        ? layers.maxPool2d(x, workload)
        : layers.batchNorm2d(x, 'it');
  if (workload.pass === 'forward') return { y: { values: y.values } };
  y.gradient.set(valuesOf(inputs.dy));
  layers.backward();
  const gradients = Object.entries(parameters).map(([name, { gradient }]) => [
    name.replace('it.', 'd'),
    { values: gradient },
  ]);
  return { dx: { values: x.gradient }, ...Object.fromEntries(gradients) };
}

function model(workload: ModelForward | ModelStep, { inputs, parameters, labels }: Given): Expected {
  const nodes = Object.fromEntries(Object.entries(parameters).map(([name, input]) => [name, nodeOf(input)]));
  const isTraining = workload.kind === 'step';
  const losses: number[] = [];
  for (let run = 0; run < checkedRuns(workload); run++) {
    const layers = new ReferenceLayers(nodes, isTraining);
    const logits = networks[workload.model](layers, nodeOf(inputs.x));
    if (!isTraining) return { losses, outputs: { y: { values: logits.values } } };
    losses.push(crossEntropy(logits, labels));
    layers.backward();
    for (const { values, gradient } of Object.values(nodes)) {
      for (let i = 0; i < values.length; i++) values[i] -= workload.learningRate * gradient[i];
      gradient.fill(0);
    }
  }
  const learned = Object.keys(parameters).filter((name) => !name.includes('running_'));
  return {
    losses,
    outputs: Object.fromEntries(
      learned.map((name) => [name, { values: nodes[name].values, before: valuesOf(parameters[name]) }]),
    ),
  };
}

/** Mean over the batch; leaves its gradient in `logits`. */
function crossEntropy({ values, gradient, shape: [batch, classes] }: Node, labels: readonly number[]): number {
  let loss = 0;
  for (let n = 0; n < batch; n++) {
    const row = values.subarray(n * classes, (n + 1) * classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const logSum = largest + Math.log(row.reduce((sum, v) => sum + Math.exp(v - largest), 0));
    loss += (logSum - row[labels[n]]) / batch;
    for (let i = 0; i < classes; i++)
      gradient[n * classes + i] = (Math.exp(row[i] - logSum) - Number(i === labels[n])) / batch;
  }
  return loss;
}

/** Kingma and Ba 2015, https://arxiv.org/abs/1412.6980: lr 1e-3, betas 0.9 and 0.999, eps 1e-8. */
function adam(workload: Adam, { parameters, inputs }: Given): Expected {
  const outputs: Record<string, ExpectedOutput> = {};
  for (const [name, gradientInput] of Object.entries(inputs)) {
    const before = valuesOf(parameters[name]);
    const gradient = valuesOf(gradientInput);
    const values = Float64Array.from(before);
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i];
      let [m, v] = [0, 0];
      for (let step = 1; step <= checkedRuns(workload); step++) {
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        values[i] -= (1e-3 * (m / (1 - 0.9 ** step))) / (Math.sqrt(v / (1 - 0.999 ** step)) + 1e-8);
      }
    }
    outputs[name] = { values, before };
  }
  return { losses: [], outputs };
}

function matmul(n: number, a: Float32Array, b: Float32Array): Float64Array {
  const y = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const value = a[i * n + k];
      for (let j = 0; j < n; j++) y[i * n + j] += value * b[k * n + j];
    }
  return y;
}

function nodeOf(input: Input): Node {
  return sized(input.shape, valuesOf(input));
}
