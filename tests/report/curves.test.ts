// curves.svg: what it says and how many points it draws; how it looks was judged by eye.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { curvesSvg } from '../../training/report/curves.ts';
import type { EpochRow, MetricRow, StepRow } from '../../training/report/metricRow.ts';

const test = suite('curves.svg');

test('both panels have axis titles with units, a legend and the last test result', async () => {
  const svg = await curvesSvg([...stepRows(10), epochRow(1, 10, 0.5, 0.9), epochRow(2, 20, 0.25, 0.9876)]);
  const texts = textsOf(svg);
  for (const expected of [
    'step (optimizer updates)',
    'loss (nats)',
    'epoch',
    'accuracy (%)',
    'training, each step',
    'training, smoothed',
    'test, each epoch',
    'test 0.2500 after step 20',
    'test 98.76 % after epoch 2',
  ]) {
    assert.ok(texts.includes(expected), `"${expected}" is among ${texts.join(' | ')}`);
  }
});

test('epochs that end with validation images say so', async () => {
  const texts = textsOf(await curvesSvg([{ ...epochRow(1, 10, 0.5, 0.9), split: 'validation' }]));
  assert.ok(texts.includes('validation, each epoch'));
  assert.not.ok(texts.some((text) => text.startsWith('test')));
});

test('each epoch is a point of test loss and one of accuracy', async () => {
  const svg = await curvesSvg([
    ...stepRows(4),
    epochRow(1, 2, 0.5, 0.8),
    epochRow(2, 4, 0.4, 0.9),
    epochRow(3, 6, 0.3, 1),
  ]);
  assert.is(circlesOf(svg), 6);
});

test('training accuracy is drawn where it was measured', async () => {
  const rows = [epochRow(1, 2, 0.5, 0.8), epochRow(2, 4, 0.5, 0.8)];
  const measured = rows.map((row) => ({ ...row, trainAccuracy: 0.9 }));
  assert.not.ok(textsOf(await curvesSvg(rows)).includes('training'));
  assert.ok(textsOf(await curvesSvg(measured)).includes('training'));
});

test('the loss axis is logarithmic once losses span a factor of ten', async () => {
  assert.ok(
    textsOf(await curvesSvg([epochRow(1, 1, 2, 0.1), epochRow(2, 2, 0.1, 0.9)])).includes('loss (nats, log scale)'),
  );
  assert.ok(textsOf(await curvesSvg([epochRow(1, 1, 2, 0.1), epochRow(2, 2, 0.3, 0.9)])).includes('loss (nats)'));
});

test('losses that are no numbers are left out', async () => {
  const rows: MetricRow[] = stepRows(20);
  for (const row of rows.slice(5)) Object.assign(row, { loss: Number.NaN });
  const svg = await curvesSvg([...rows, epochRow(1, 20, Number.NaN, 0.1)]);
  assert.not.match(svg, /NaN|Infinity/);
  assert.is(circlesOf(svg), 1, 'the accuracy of that epoch is still there');
});

test('a run without any row gives empty panels', async () => {
  const svg = await curvesSvg([]);
  assert.ok(textsOf(svg).includes('accuracy (%)'));
  assert.not.match(svg, /NaN|Infinity|undefined/);
});

test('a long run does not make a large file', async () => {
  const svg = await curvesSvg(stepRows(100_000));
  assert.ok(svg.length < 120_000, `${svg.length} characters`);
  assert.ok(textsOf(svg).includes('100,000'), 'the axis reaches the last step');
});

test('vega has nothing to warn of', async () => {
  const warnings: unknown[][] = [];
  const { warn } = console;
  console.warn = (...args) => warnings.push(args);
  try {
    await curvesSvg([...stepRows(300), { ...epochRow(1, 300, 0.01, 0.9), trainAccuracy: 0.9 }]);
  } finally {
    console.warn = warn;
  }
  assert.equal(warnings, []);
});

test.run();

function stepRows(count: number): StepRow[] {
  return Array.from({ length: count }, (_, index) => {
    const step = index + 1;
    return { kind: 'step', step, epoch: 1, loss: 1 + 1 / step, lr: 0.01, seconds: step };
  });
}

function epochRow(epoch: number, step: number, testLoss: number, testAccuracy: number): EpochRow {
  return { kind: 'epoch', epoch, step, trainLoss: 1, testLoss, testAccuracy, imagesPerSecond: 1, seconds: 1 };
}

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
}

/** Number of points; vega draws each as a path that its description names. */
function circlesOf(svg: string): number {
  return svg.match(/aria-roledescription="point"/g)?.length ?? 0;
}
