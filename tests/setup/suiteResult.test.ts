// How the test runner judges a suite: what cannot be shown to have passed has failed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { suiteLines, suiteResult, totalLines } from '../suiteResult.ts';

const summary = (total: number, passed: number, skipped = 0) =>
  `• • • (${passed} / ${total})\n\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  1.20ms\n\n`;
const ended = (output: string, code: number | null = 0, timedOut = false) => suiteResult({ output, code, timedOut });

test("uvu's counts are taken over, in colour too", () => {
  const coloured = summary(3, 3, 1).replace(/^ {2}Passed:.*$/m, '\x1b[32m$&\x1b[39m');
  assert.equal(ended(coloured), { passed: 3, failed: 0, skipped: 1, trouble: null, notes: [] });
});

test('failed tests are the total without the passed', () => {
  const { passed, failed, trouble } = ended(summary(5, 3), 1);
  assert.equal({ passed, failed, trouble }, { passed: 3, failed: 2, trouble: null });
});

test('a suite that crashes, says nothing, holds no tests, hangs or is killed has failed', () => {
  const cases = [
    ended('Error: boom\n', 1),
    ended('', 0),
    ended(summary(0, 0)),
    ended(summary(2, 2), null, true),
    ended(summary(2, 2), null),
    ended(summary(2, 2), 139),
  ];
  for (const { failed, trouble } of cases) {
    assert.is(failed, 1);
    assert.type(trouble, 'string');
  }
});

test('a suite may pass over all its tests', () => {
  assert.equal(ended(summary(0, 0, 2)), { passed: 0, failed: 0, skipped: 2, trouble: null, notes: [] });
});

test('lines that say what was passed over are kept, and count nothing', () => {
  const { notes, skipped } = ended(`skipped: matmul/f16: needs shader-f16\nnot skipped: x\n${summary(1, 1)}`);
  assert.equal(notes, ['skipped: matmul/f16: needs shader-f16']);
  assert.is(skipped, 0);
});

test('the last line names skipped tests only where there are some', () => {
  assert.is(totalLines([ended(summary(3, 3)), ended(summary(5, 4), 1)]), '\n1 of 2 suites failed\n7 passed, 1 failed');
  assert.is(totalLines([ended(summary(3, 3, 2))]), '3 passed, 0 failed, 2 skipped');
});

test('a suite is a line and its notes; where it failed, a line and its output', () => {
  const notes = suiteLines('a.test.ts', { result: ended(`skipped: b\n${summary(1, 1)}`), output: 'x', seconds: 1.26 });
  assert.is(notes, 'ok   a.test.ts: 1 passed (1.3 s)\n     skipped: b');
  const failed = suiteLines('a.test.ts', { result: ended('', 0), output: 'Error\n  at b\n', seconds: 0 });
  const trouble = '     printed no summary (exit code 0)';
  assert.is(failed, `FAIL a.test.ts: 0 passed, 1 failed (0.0 s)\n${trouble}\n  | Error\n  |   at b\n`);
});

test.run();
