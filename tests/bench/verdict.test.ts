// Who is right, and what a wrong contender is told.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { problemOf } from '../../bench/suite/problem.ts';
import { referenceOf } from '../../bench/suite/reference/referenceOf.ts';
import { probesOf, verdict } from '../../bench/suite/verdict.ts';
import type { Workload } from '../../bench/suite/workload.ts';

const test = suite('bench/verdict');

const matmul: Workload = { kind: 'matmul', id: 'm', title: 'm', n: 40 };
const adam: Workload = { kind: 'adam', id: 'a', title: 'a', model: 'lenet5' };

test('probes are distinct positions inside the output, both ends among them', () => {
  const [probes] = Object.values(probesOf(referenceOf(problemOf(matmul))));
  assert.is(new Set(probes).size, probes.length);
  assert.is(probes.length, 512);
  assert.ok(probes.includes(0) && probes.includes(1599));
  assert.ok(probes.every((at) => Number.isInteger(at) && at >= 0 && at < 1600));
});

test('the reference itself is right, and small errors of float32 are', () => {
  const { judge, samples } = judged(matmul);
  assert.is(judge(samples), undefined);
  assert.is(judge({ y: samples.y.map((value) => value * (1 + 1e-5)) }), undefined);
});

test('zeros, NaN, one wrong value, too few values and a missing output are wrong, each in its words', () => {
  const { judge, samples } = judged(matmul);
  assert.match(judge({ y: samples.y.map(() => 0) })!, /^y is zero everywhere/);
  assert.match(judge({ y: samples.y.with(5, Number.NaN) })!, /^y is off by NaN/);
  assert.match(judge({ y: samples.y.with(5, samples.y[5] + 1) })!, /^y is off by up to .* in 1 of 512 checked values/);
  assert.match(judge({ y: samples.y.slice(1) })!, /^y has 511 values instead of 512/);
  assert.match(judge({})!, /^y has no values/);
});

test('parameters are judged by how they changed: one that stayed as it was is wrong', () => {
  const { judge, samples, expected, probes } = judged(adam);
  assert.is(judge(samples), undefined);
  const { before } = expected.outputs['fc3.bias'];
  const stayed = probes['fc3.bias'].map((at) => before![at]);
  assert.match(judge({ ...samples, 'fc3.bias': stayed })!, /^fc3.bias is off by .*; the largest change is/);
});

test('a loss beyond a thousandth, or none, is wrong', () => {
  const workload = {
    kind: 'step',
    id: 's',
    title: 's',
    model: 'lenet5',
    batch: 2,
    size: 28,
    learningRate: 0.1,
  } as const;
  const { judge, samples, expected } = judged(workload);
  const [first, second] = expected.losses;
  assert.is(judge(samples, [first, second]), undefined);
  assert.match(judge(samples, [first, second * 1.01])!, /^the loss of step 2 is/);
  assert.match(judge(samples, [null, second])!, /^the loss of step 1 is NaN/);
});

function judged(workload: Workload) {
  const expected = referenceOf(problemOf(workload));
  const probes = probesOf(expected);
  const samples = Object.fromEntries(
    Object.entries(probes).map(([name, positions]) => [name, positions.map((at) => expected.outputs[name].values[at])]),
  );
  const judge = (given: Record<string, number[]>, losses: (number | null)[] = []) =>
    verdict({ losses, samples: given }, { workload, expected, probes });
  return { judge, samples, expected, probes };
}

test.run();
