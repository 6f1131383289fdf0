// The benchmark's oracle: its gradients are held against central differences of its own forward pass.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { networks } from '../../bench/suite/network.ts';
import { problemOf } from '../../bench/suite/problem.ts';
import { ReferenceLayers } from '../../bench/suite/reference/layers.ts';
import { type Node, sized } from '../../bench/suite/reference/node.ts';
import { referenceOf } from '../../bench/suite/reference/referenceOf.ts';
import { valuesOf } from '../../bench/suite/values.ts';
import type { Workload } from '../../bench/suite/workload.ts';

const test = suite('bench/reference');

test('the same seed gives the same values, within center ± radius, and another seed others', () => {
  const input = { shape: [10, 10], seed: 3, center: 2, radius: 0.5 };
  const values = valuesOf(input);
  assert.equal(values, valuesOf(input));
  assert.is.not(values[0], valuesOf({ ...input, seed: 4 })[0]);
  assert.ok(values.every((value) => value >= 1.5 && value < 2.5));
  assert.ok(Math.abs(values.reduce((a, b) => a + b) / 100 - 2) < 0.1);
});

test('the values are those that pytorch.py makes', () => {
  // python3: from pytorch import values_of; values_of({"shape": [3], "seed": 1, "radius": 1, "center": 0.5})
  const values = valuesOf({ shape: [3], seed: 1, center: 0.5, radius: 1 });
  assert.equal([...values], PYTHON_VALUES.map(Math.fround));
});

const PYTHON_VALUES = [-0.0987480878829956, 0.6703472137451172, -0.40315401554107666];
const base = { id: 'x', title: 'x', batch: 2, channels: 2, size: 5, pass: 'training' } as const;
const operations: Workload[] = [
  { ...base, kind: 'conv2d', outChannels: 3, kernel: 3, stride: 2, padding: 1 },
  { ...base, kind: 'conv2d', outChannels: 3, kernel: 1, stride: 1, padding: 0 },
  { ...base, kind: 'maxPool2d', kernel: 3, stride: 2 },
  { ...base, kind: 'batchNorm2d' },
];
for (const workload of operations) {
  const { kind } = workload;
  test(`${kind} ${'kernel' in workload ? workload.kernel : ''} has the gradients that central differences have`, () => {
    const { inputs, ...rest } = problemOf(workload);
    const { outputs } = referenceOf({ inputs, ...rest });
    const dy = valuesOf(inputs.dy);
    const given = Object.fromEntries(
      Object.keys(inputs).map((name) => [name, Float64Array.from(valuesOf(inputs[name]))]),
    );
    const objective = () => {
      const parameters: Record<string, Node> = {};
      for (const name of ['weight', 'bias']) if (given[name]) parameters[`it.${name}`] = node(name);
      const layers = new ReferenceLayers(parameters, true);
      const x = node('x');
      const y =
        workload.kind === 'conv2d'
          ? layers.conv2d(x, 'it', workload)
          : workload.kind === 'maxPool2d'
            ? layers.maxPool2d(x, workload)
            : layers.batchNorm2d(x, 'it');
      return y.values.reduce((sum, value, i) => sum + value * dy[i], 0);
    };
    const node = (name: string) => sized(inputs[name].shape, given[name]);
    for (const name of Object.keys(outputs)) checkGradient(given[name.slice(1)], outputs[name].values, objective, name);
  });
}

test('the LeNet-5 step moves each parameter along its central difference', () => {
  const workload = { kind: 'step', id: 'x', title: 'x', model: 'lenet5', batch: 2, size: 28, learningRate: 1 } as const;
  const problem = problemOf(workload);
  const { outputs, losses } = referenceOf(problem);
  const nodes = Object.fromEntries(
    Object.entries(problem.parameters).map(([name, input]) => [name, sized(input.shape, valuesOf(input))]),
  );
  const loss = () => {
    const x = sized(problem.inputs.x.shape, valuesOf(problem.inputs.x));
    const { values } = networks.lenet5(new ReferenceLayers(nodes, true), x);
    const rows = problem.labels.map((label, n) => {
      const row = [...values.subarray(n * 10, n * 10 + 10)];
      return Math.log(row.reduce((sum, v) => sum + Math.exp(v - row[label]), 0));
    });
    return rows.reduce((a, b) => a + b) / rows.length;
  };
  assert.ok(Math.abs(loss() - losses[0]) < 1e-9);
  // the first of its two steps, by a problem whose second step starts where the first ended
  assert.is(losses.length, 2);
  const bias = nodes['fc3.bias'].values;
  const gradient = bias.map((_, i) => difference(bias, i, loss));
  const small = referenceOf({ ...problem, workload: { ...workload, learningRate: 1e-6 } });
  const moved = small.outputs['fc3.bias'].values.map((value, i) => (bias[i] - value) / 2e-6);
  for (const [i, value] of gradient.entries()) assert.ok(Math.abs(moved[i] - value) < 1e-4, `${moved[i]} ${value}`);
  assert.is(Object.keys(outputs).length, 10);
});

/** At the first, the middle and the largest gradient. */
function checkGradient(values: Float64Array, gradient: Float64Array, objective: () => number, name: string): void {
  const largest = gradient.reduce((best, g, i) => (Math.abs(g) > Math.abs(gradient[best]) ? i : best), 0);
  for (const i of [0, gradient.length >> 1, largest]) {
    const expected = difference(values, i, objective);
    assert.ok(
      Math.abs(gradient[i] - expected) <= 1e-5 * Math.max(1, Math.abs(expected)),
      `${name}[${i}] is ${gradient[i]}, central difference ${expected}`,
    );
  }
}

function difference(values: Float64Array, i: number, objective: () => number): number {
  const [h, value] = [1e-5, values[i]];
  values[i] = value + h;
  const above = objective();
  values[i] = value - h;
  const below = objective();
  values[i] = value;
  return (above - below) / (2 * h);
}

test.run();
