// Kernels compute in Chromium what they compute in Node, bit for bit, on the same adapter: here on the first case of
// each room, by every variant; tests/browser/agreement.ts takes all cases.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { registry } from '../../kernels/registry.ts';
import { compareBits } from './agreement/compareBits.ts';
import { type Agreement, compareWithNode } from './agreement/compareWithNode.ts';
import type { Bits } from './agreement/results.ts';

const test = suite('agreement of browser and Node');
let agreement: Agreement;
test.before(async () => {
  agreement = await compareWithNode({ cases: 1, steps: 5 });
});

test('the browser and Node have the same kind of adapter', () => {
  assert.is(agreement.browser, agreement.node);
  assert.match(agreement.node, '"kind":"swiftshader"');
});

test('every room computes the same bits, forward and backward, by every variant', () => {
  const rooms = agreement.parts.slice(0, -1);
  assert.equal(
    rooms.map(({ name }) => name),
    registry.map(({ operation }) => operation.name),
  );
  for (const { name, tensors, differences } of rooms) {
    assert.ok(tensors > 0, name);
    assert.equal(differences, []);
  }
});

test('five steps of training end with the same losses and parameters', () => {
  const { name, tensors, differences } = agreement.parts.at(-1)!;
  assert.equal([name, tensors], ['training', 11]);
  assert.equal(differences, []);
});

test('a difference is counted and measured in steps of float32', () => {
  const one = bitsOf([1, -1, 0, 5]);
  assert.equal(compareBits([one], [one]), []);
  const where = { room: 'r', kase: 'c', tensor: 'y' };
  const next = 1 + 2 ** -23;
  assert.equal(compareBits([one], [bitsOf([next, -1, 0, 5])]), [{ ...where, differing: 1, values: 4, largestUlp: 1 }]);
  assert.equal(compareBits([one], [bitsOf([1, -next, -0, 5])]), [{ ...where, differing: 2, values: 4, largestUlp: 1 }]);
  assert.is(compareBits([bitsOf([2 ** -149])], [bitsOf([-(2 ** -149)])])[0].largestUlp, 2);
  assert.is(compareBits([one], [bitsOf([1, -1, 0, Number.NaN])])[0].largestUlp, Number.POSITIVE_INFINITY);
});

test('answers to other problems are not compared', () => {
  assert.throws(() => compareBits([bitsOf([1])], []), /other problems/);
  assert.throws(() => compareBits([bitsOf([1])], [bitsOf([1, 2])]), /1 values here, 2 there/);
});

test.run();

function bitsOf(values: readonly number[]): Bits {
  const base64 = Buffer.from(Float32Array.from(values).buffer).toString('base64');
  return { room: 'r', kase: 'c', tensor: 'y', isFloat: true, base64 };
}
