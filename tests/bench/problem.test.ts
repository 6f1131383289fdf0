// The benchmark's oracle: its one SGD step is held against central differences of its own loss.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LenetWeights, lenetKeys, makeProblem } from '../../bench/problem.ts';
import { referenceStep, referenceSteps } from '../../bench/referenceStep.ts';
import { verdict } from '../../bench/verdict.ts';

const test = suite('bench/problem');

test('the same seed gives the same problem and another seed another one', () => {
  assert.equal(makeProblem({ batchSize: 2, seed: 3 }), makeProblem({ batchSize: 2, seed: 3 }));
  assert.is.not(makeProblem({ batchSize: 2, seed: 3 }).x[0], makeProblem({ batchSize: 2, seed: 4 }).x[0]);
});

test('the reference step moves each weight along its central difference', () => {
  const problem = makeProblem({ batchSize: 2, learningRate: 1 });
  const { weights: updated } = referenceStep(problem);
  for (const key of lenetKeys()) {
    const dweight = problem.weights[key].map((w, i) => w - updated[key][i]);
    for (const index of [0, Math.floor(dweight.length / 2), largestIndex(dweight)]) {
      const difference = centralDifference(problem.weights, key, index);
      assert.ok(
        Math.abs(dweight[index] - difference) <= 1e-6 * Math.max(1, Math.abs(difference)),
        `${key}[${index}]: step says ${dweight[index]}, central difference ${difference}`,
      );
    }
  }

  function centralDifference(weights: LenetWeights, key: keyof LenetWeights, index: number): number {
    const h = 1e-5;
    const lossAt = (offset: number) =>
      referenceStep(problem, { ...weights, [key]: weights[key].with(index, weights[key][index] + offset) }).loss;
    return (lossAt(h) - lossAt(-h)) / (2 * h);
  }
});

test('the verdict passes the reference itself and names what a wrong contender got wrong', () => {
  const problem = makeProblem({ batchSize: 4 });
  const reference = referenceSteps(problem, 3);
  const losses = reference.map((step) => step.loss);
  const { weights } = reference[2];
  assert.is(verdict({ losses, weights }, problem, reference), undefined);
  assert.match(verdict({ losses: [losses[0], losses[0], losses[2]], weights }, problem, reference)!, /loss of step 2/);
  assert.match(verdict({ losses: [losses[0], losses[1], null], weights }, problem, reference)!, /loss of step 3/);
  assert.match(
    verdict({ losses, weights: { ...weights, 'fc1.weight': problem.weights['fc1.weight'] } }, problem, reference)!,
    /fc1\.weight/,
  );
  assert.match(verdict({ losses, weights: { ...weights, 'fc3.bias': [] } }, problem, reference)!, /fc3\.bias/);
});

function largestIndex(values: number[]): number {
  return values.reduce((best, v, i) => (Math.abs(v) > Math.abs(values[best]) ? i : best), 0);
}

test.run();
