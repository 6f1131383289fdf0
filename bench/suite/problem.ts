// A workload with its inputs: what a contender is asked to compute, complete and small enough to send.
import { Buffer as ModuleBuffer, OwnedTensor } from '../../engine/nn/parameter.ts';
import { createModel } from '../../models/index.ts';
import { type Input, sizeOf } from './values.ts';
import type { ModelName, Workload } from './workload.ts';

export interface Problem {
  readonly workload: Workload;
  /** `x`, `weight`, `dy`…; for models `x` only; for Adam the gradient of each parameter under its name. */
  readonly inputs: Readonly<Record<string, Input>>;
  /** Of models, under torchvision's names, running statistics included. */
  readonly parameters: Readonly<Record<string, Input>>;
  /** Classes, one for each image; empty where there is nothing to classify. */
  readonly labels: readonly number[];
  /** Positions to report of each output, in the row-major order of PyTorch's layout. */
  readonly probes: Readonly<Record<string, readonly number[]>>;
}

/** A problem whose probes are not chosen yet. */
export type Unprobed = Omit<Problem, 'probes'>;

/** Uniform numbers of deviation 1 have this radius. */
const UNIT = Math.sqrt(3);

/** Noise rather than pictures: a flat background would tie inside pooling windows, and libraries route ties differently. */
export function problemOf(workload: Workload): Unprobed {
  return { workload, inputs: inputsOf(workload), parameters: parametersOf(workload), labels: labelsOf(workload) };
}

/** Height and width of what a window leaves. */
export function outputSize(size: number, kernel: number, stride: number, padding = 0): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

function inputsOf(workload: Workload): Record<string, Input> {
  if (workload.kind === 'matmul') {
    const shape = [workload.n, workload.n];
    return { a: { shape, seed: 1, radius: UNIT }, b: { shape, seed: 2, radius: UNIT } };
  }
  if (workload.kind === 'adam') {
    const learned = Object.entries(parametersOf(workload)).filter(([name]) => !name.includes('running_'));
    return Object.fromEntries(
      learned.map(([name, { seed, ...input }]) => [name, { ...input, seed: seed + 1000, center: 0, radius: 0.01 }]),
    );
  }
  if (workload.kind === 'forward' || workload.kind === 'step') {
    const { model, batch, size } = workload;
    return { x: { shape: [batch, model === 'lenet5' ? 1 : 3, size, size], seed: 1, radius: UNIT } };
  }
  const { batch, channels, size, pass } = workload;
  const x: Input = { shape: [batch, channels, size, size], seed: 1, radius: UNIT };
  const gradient = (shape: readonly number[]): Record<string, Input> =>
    pass === 'training' ? { dy: { shape, seed: 3, radius: UNIT } } : {};
  if (workload.kind === 'batchNorm2d') {
    const weight = { shape: [channels], seed: 2, center: 1, radius: 0.5 };
    const bias = { shape: [channels], seed: 4, radius: 0.5 };
    return { x: { ...x, center: 0.5 }, weight, bias, ...gradient(x.shape) };
  }
  const { kernel, stride } = workload;
  if (workload.kind === 'maxPool2d') {
    const out = outputSize(size, kernel, stride);
    return { x, ...gradient([batch, channels, out, out]) };
  }
  const { outChannels, padding } = workload;
  const shape = [outChannels, channels, kernel, kernel];
  const out = outputSize(size, kernel, stride, padding);
  return {
    x,
    weight: { shape, seed: 2, radius: bound(shape), isWeight: true },
    ...gradient([batch, outChannels, out, out]),
  };
}

function parametersOf(workload: Workload): Record<string, Input> {
  if (!('model' in workload)) return {};
  const state = createModel(workload.model).state();
  const tensors = state.filter((entry): entry is [string, OwnedTensor] => entry[1] instanceof OwnedTensor);
  return Object.fromEntries(
    tensors.map(([name, tensor], i) => [name, parameter(name, tensor, 100 + i, workload.model)]),
  );
}

function parameter(name: string, tensor: OwnedTensor, seed: number, model: ModelName): Input {
  const { shape } = tensor;
  if (name.endsWith('running_var')) return { shape, seed, center: 1, radius: 0.5 };
  if (tensor instanceof ModuleBuffer || name.endsWith('bias')) return { shape, seed, radius: 0.1 };
  if (shape.length === 1) return { shape, seed, center: 0.5, radius: 0.25 };
  const image = { lenet5: { 'fc1.weight': [16, 5, 5] }, alexnet: { 'classifier.1.weight': [256, 6, 6] }, resnet18: {} };
  const found = (image[model] as Record<string, number[]>)[name];
  return { shape, seed, radius: bound(shape), isWeight: true, ...(found && { image: found }) };
}

/** He's, for layers before a ReLU: uniform within sqrt(6 / fanIn). https://arxiv.org/abs/1502.01852 */
function bound(shape: readonly number[]): number {
  return Math.sqrt(6 / sizeOf(shape.slice(1)));
}

function labelsOf(workload: Workload): number[] {
  if (workload.kind !== 'step') return [];
  const classes = workload.model === 'lenet5' ? 10 : 1000;
  return Array.from({ length: workload.batch }, (_, i) => (i * 389 + 7) % classes);
}
