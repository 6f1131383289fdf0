// The suites in a real browser, in their short form; `npm run test:browser` runs all of each. And the runner itself: it
// tells of failures as in Node, and what did not run has not passed.
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { suiteLines, suiteResult } from '../suiteResult.ts';
import { root } from './bundleForBrowser.ts';
import { type RunOptions, runSuites } from './runSuites.ts';
import { browserSuites, folders, ofNode, shortForm, suitesBelow } from './suiteTable.ts';

const test = suite('suites in a browser');
const { WGRAD_SEED = '2026' } = process.env;

for (const path of shortForm.suites) {
  test(`${path} passes in Chromium`, async () => {
    const environment = { ...shortForm.environment, WGRAD_SEED };
    const { result, lines } = await run(path, { environment, limitMinutes: 8 });
    assert.ok(result.failed === 0 && result.passed > 0, lines);
  });
}

test('every suite of these folders runs in a browser, or has the reason why not', () => {
  const all = suitesBelow(folders);
  assert.equal([...browserSuites(), ...Object.keys(ofNode)].sort(), all);
  for (const path of shortForm.suites) assert.ok(browserSuites().includes(path), path);
});

test('a failure is told as in Node, with the place in the source', async () => {
  const { result, lines } = await run('tests/browser/samples/failing.ts');
  assert.equal(result, {
    ...{ passed: 1, failed: 1, skipped: 0, trouble: null },
    notes: ['skipped: what this browser lacks'],
  });
  assert.match(lines, /^FAIL tests\/browser\/samples\/failing\.ts: 1 passed, 1 failed \(\d+\.\d s\)$/m);
  assert.match(lines, /^ {2}\| {4}FAIL {2}sample {2}"fails"$/m);
  assert.match(lines, /^ {2}\| {5}sample: shapes \[2\] and \[3\]$/m);
  const [, place] = /^ {2}\| {5}at .*file:\/\/(.*):14:9\)$/m.exec(lines) ?? [];
  assert.is(place, join(root, 'tests/browser/samples/failing.ts'), lines);
});

test('a suite that runs nothing, throws or hangs has failed, and the next one runs', async () => {
  const samples = ['silent', 'throwing', 'hanging', 'failing'].map((name) => `tests/browser/samples/${name}.ts`);
  const told: string[] = [];
  for await (const { path, ...end } of runSuites(samples, { limitMinutes: 0.1 })) {
    const { failed, trouble } = suiteResult(end);
    assert.is(failed, 1, path);
    told.push(`${trouble} ${/node:os: tmpdir.*$/m.exec(end.output)?.[0] ?? ''}`.trim());
  }
  assert.equal(told, [
    'printed no summary (exit code 0)',
    'printed no summary (exit code 1) node:os: tmpdir was called, which a browser does not have',
    'did not end in time',
    'null',
  ]);
});

test.run();

async function run(path: string, options: RunOptions = {}) {
  for await (const { seconds, ...end } of runSuites([path], options)) {
    const result = suiteResult(end);
    return { result, lines: suiteLines(path, { result, output: end.output, seconds }) };
  }
  throw new Error(`${path} did not run`);
}
