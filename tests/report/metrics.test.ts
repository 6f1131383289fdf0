// metrics.jsonl: writing, reading, cut and broken lines, and truncation before a resumed run.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FormatError } from '../../kernels/errors.ts';
import { MetricsLog } from '../../training/node/metricsLog.ts';
import type { EpochRow, StepRow } from '../../training/report/metricRow.ts';

const test = suite<{ path: string; log: MetricsLog }>('metrics.jsonl');

test.before.each((context) => {
  context.path = join(mkdtempSync(join(tmpdir(), 'wgrad-metrics-')), 'metrics.jsonl');
  context.log = new MetricsLog(context.path);
});
test.after.each(({ path }) => rmSync(dirname(path), { recursive: true }));

test('rows come back as they were written, one line each', ({ path, log }) => {
  const rows = [
    stepRow(1),
    stepRow(2),
    epochRow(1, 2),
    { ...epochRow(2, 4), trainAccuracy: 0.75, split: 'validation' } as const,
  ];
  for (const row of rows) log.append(row);
  assert.equal(log.read(), { rows });
  assert.is(readFileSync(path, 'utf8').split('\n').length, rows.length + 1);
});

test('a file that is not there yet has no rows', ({ log }) => {
  assert.equal(log.read(), { rows: [] });
});

test('a loss that is no number survives JSON', ({ log }) => {
  log.append({ ...stepRow(1), loss: Number.NaN });
  const [row] = log.read().rows as StepRow[];
  assert.ok(Number.isNaN(row.loss));
});

test('a cut last line is reported and the rows before it are kept', ({ path, log }) => {
  log.append(stepRow(1));
  appendFileSync(path, '{"kind":"step","st');
  assert.equal(log.read(), { rows: [stepRow(1)], cutLine: '{"kind":"step","st' });
});

test('a last line that only lacks its newline is a row', ({ path, log }) => {
  writeFileSync(path, JSON.stringify(stepRow(1)));
  assert.equal(log.read(), { rows: [stepRow(1)] });
});

test('any other broken line is a FormatError with its number', ({ path, log }) => {
  const good = JSON.stringify(stepRow(1));
  const broken: [string, RegExp][] = [
    ['{"kind":"st', /metrics\.jsonl: line 2: expected a JSON object/],
    ['', /line 2: expected a JSON object, got ""/],
    ['null', /line 2: expected a JSON object/],
    ['{"kind":"constructor"}', /line 2: kind must be "step" or "epoch", got "constructor"/],
    [JSON.stringify({ ...stepRow(2), step: -1 }), /line 2: step must be a count, got -1/],
    [JSON.stringify({ ...stepRow(2), loss: 'low' }), /line 2: loss must be a number or null, got "low"/],
    [JSON.stringify({ ...epochRow(1, 2), testAccuracy: undefined }), /line 2: testAccuracy .* got nothing/],
    [JSON.stringify({ ...epochRow(1, 2), trainAccuracy: '1' }), /line 2: trainAccuracy/],
    [JSON.stringify({ ...epochRow(1, 2), split: 'toString' }), /line 2: split must be "test", .* got "toString"/],
  ];
  for (const [line, message] of broken) {
    writeFileSync(path, `${good}\n${line}\n${good}\n`);
    assert.throws(
      () => log.read(),
      (error: Error) => error instanceof FormatError && message.test(error.message),
    );
  }
});

test('truncateAfter drops later rows and a cut line, so that a resumed run writes none twice', ({ path, log }) => {
  const kept = [stepRow(1), stepRow(2), epochRow(1, 2)];
  for (const row of [...kept, stepRow(3), stepRow(4), epochRow(2, 4)]) log.append(row);
  appendFileSync(path, '{"kind"');
  assert.equal(log.truncateAfter(2), kept);
  log.append(stepRow(3));
  assert.equal(log.read(), { rows: [...kept, stepRow(3)] });
  assert.equal(readdirSync(dirname(path)), ['metrics.jsonl'], 'no temporary file stays');
});

test.run();

function stepRow(step: number): StepRow {
  return { kind: 'step', step, epoch: 1, loss: 2.3 / step, lr: 0.01, seconds: step / 8 };
}

function epochRow(epoch: number, step: number): EpochRow {
  const losses = { trainLoss: 0.5, testLoss: 0.4, testAccuracy: 0.9 };
  return { kind: 'epoch', epoch, step, ...losses, imagesPerSecond: 512.5, seconds: 2 };
}
