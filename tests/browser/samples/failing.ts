// A suite of suites.test.ts: one test passes, one fails.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ShapeError } from '../../../kernels/errors.ts';

const test = suite('sample');
console.log('skipped: what this browser lacks');

test('passes', () => {
  assert.is(1, 1);
});

test('fails', () => {
  throw new ShapeError('sample: shapes [2] and [3]');
});

test.run();
