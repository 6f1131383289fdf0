// Regressions against an earlier run, and the file that holds it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareResults, comparisonText, isRegression } from '../../bench/suite/compareResults.ts';
import { readResults } from '../../bench/suite/readResults.ts';
import { median, spread } from '../../bench/suite/statistics.ts';
import { FormatError, WgradError } from '../../kernels/errors.ts';
import { contender, results, row } from './fixtures.ts';

const test = suite('bench/compare');

test('the median of an even count is the mean of the middle two, and the spread is half the range', () => {
  assert.is(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
  assert.is(spread([9, 10, 11]), 0.1);
  assert.is(spread([5]), 0);
});

test('a row twice as slow with steady rounds is a regression, half as slow is faster, a tenth is chance', () => {
  const before = results(['a', 'b', 'c'].map((id) => row(id, contender('wgrad', [10, 10.1, 9.9]))));
  const after = results([
    row('a', contender('wgrad', [20, 20.2, 19.8])),
    row('b', contender('wgrad', [5, 5.05, 4.95])),
    row('c', contender('wgrad', [11, 11.1, 10.9])),
  ]);
  const { rows } = compareResults(before, after);
  assert.equal(
    rows.map(({ verdict }) => verdict),
    ['slower', 'faster', 'same'],
  );
  assert.match(
    comparisonText(compareResults(before, after)),
    /1 regressions, 1 within chance\nslower: row a, 2\.00 times/,
  );
});

test('rounds that scatter widen the threshold', () => {
  const before = results([row('a', contender('wgrad', [6, 10, 14]))]);
  const after = results([row('a', contender('wgrad', [9, 15, 21]))]);
  assert.is(compareResults(before, after).rows[0].verdict, 'same');
});

test('a machine that slows the peers as much is no regression of wgrad', () => {
  const before = results([row('a', contender('wgrad', [10, 10, 10]), contender('tfjs', [50, 50, 50]))]);
  const after = results([row('a', contender('wgrad', [20, 20, 20]), contender('tfjs', [100, 100, 100]))]);
  assert.is(compareResults(before, after).rows[0].change, 1);
});

test('a row that became wrong is a regression, rows of one run only are named, other shapes are other rows', () => {
  const before = results([row('a', contender('wgrad', [10])), row('b', contender('wgrad', [10])), row('c')]);
  const bigger = row('b', contender('wgrad', [90]));
  const after = results([
    row('a', contender('wgrad', [], { wrong: 'zeros' })),
    { ...bigger, workload: { ...bigger.workload, n: 9 } as never },
  ]);
  const comparison = compareResults(before, after);
  assert.equal(comparison.rows.map(isRegression), [true]);
  assert.is(comparison.rows[0].verdict, 'now wrong');
  assert.equal(comparison.uncompared, ['b', 'c']);
});

test('runs on different adapters are not compared', () => {
  assert.throws(
    () => compareResults(results([]), results([], { adapter: 'another' })),
    (error: unknown) => error instanceof WgradError && /some adapter.*another/.test(error.message),
  );
});

test('a file as it is written is read, and every damaged one is refused by name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
  const path = join(folder, 'old.json');
  const good = results([row('a', contender('wgrad', [1, 2]))]);
  try {
    writeFileSync(path, JSON.stringify(good));
    assert.equal(readResults(path), good);
    const damaged = [
      '{"format": "wgrad',
      '[]',
      '{}',
      JSON.stringify({ ...good, adapter: 1 }),
      JSON.stringify({ ...good, rows: {} }),
      JSON.stringify({ ...good, rows: [null] }),
      JSON.stringify({ ...good, rows: [row('a', contender('wgrad', [-1]))] }),
      JSON.stringify({ ...good, rows: [row('a', contender('wgrad', [Number.NaN]))] }),
      JSON.stringify({ ...good, rows: [{ ...good.rows[0], workload: {} }] }),
    ];
    for (const text of damaged) {
      writeFileSync(path, text);
      assert.throws(
        () => readResults(path),
        (error: unknown) => error instanceof FormatError && error.message.startsWith(path),
        text,
      );
    }
    for (const nothing of [folder, join(folder, 'none.json')])
      assert.throws(
        () => readResults(nothing),
        (error: unknown) => error instanceof FormatError && /cannot be read/.test(error.message),
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
