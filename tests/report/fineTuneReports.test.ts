// Everything that a finished fine-tuning leaves in its folder, from a test that was made up.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imagesOf } from '../../datasets/imagesOf.ts';
import { glyphs } from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { Evaluation } from '../../training/evaluate.ts';
import { writeFineTuneReports } from '../../training/node/fineTuneReports.ts';
import type { MetricRow } from '../../training/report/metricRow.ts';
import type { AnyDataset } from '../../training/report/thumbnails.ts';

const root = mkdtempSync(join(tmpdir(), 'wgrad-'));
const testSet = glyphs({ train: false, count: 40 });
const rows: MetricRow[] = [{ kind: 'step', step: 1, epoch: 1, loss: 3, lr: 0.5, seconds: 4 }];
const points = Array.from({ length: 20 }, (_, i) => ({
  lr: 10 ** (i / 4 - 5),
  loss: 3 - i / 10,
  smoothed: 3 - i / 10,
}));
const test = suite('fineTuneReports');
test.after(() => rmSync(root, { recursive: true }));

test('a folder gets charts, pictures, numbers, a report and one event file', async () => {
  const out = mkdtempSync(join(root, 'run-'));
  const lrFind = { points, suggestion: 1e-3, isDiverged: false };
  const files = await write(out, testSet, { lrFind, before: { accuracy: 0.1 }, frozenParameters: 1234567 });
  assert.equal(
    files.slice(0, -1).map((file) => basename(file)),
    [
      ...['curves.svg', 'lrFind.svg', 'confusion.svg', 'samples.png', 'mistakes.png'],
      ...['classes.json', 'report.html'],
    ],
  );
  assert.ok(files.every((file) => existsSync(file)));
  for (const file of files.slice(3, 5)) assert.ok(PNG.sync.read(readFileSync(file)).width > 100);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  for (const text of ['75.00 %', '10.00 %', '1,234,567', 'features 0 &lt;Conv&gt; was frozen!', 'adam']) {
    assert.ok(html.includes(text), text);
  }
  assert.is(html.match(/<img /g)?.length, 5);
  const { top1, classes } = JSON.parse(readFileSync(join(out, 'classes.json'), 'utf8')) as Record<string, unknown>;
  assert.is(top1, 0.75);
  assert.is((classes as unknown[]).length, testSet.classes.length);
  const events = readFileSync(files.at(-1)!);
  for (const tag of ['loss/train', 'Most confident mistakes', 'configuration/text_summary']) {
    assert.ok(events.includes(tag), tag);
  }
});

test('a second report replaces the first, event file included, and leaves foreign files alone', async () => {
  const out = mkdtempSync(join(root, 'run-'));
  await write(out, testSet);
  const first = [readdirSync(out), readdirSync(join(out, 'tensorboard'))];
  const files = await write(out, testSet);
  assert.equal(readdirSync(out), first[0]);
  assert.equal(readdirSync(join(out, 'tensorboard')), [basename(files.at(-1)!)]);
  assert.not.equal(first[1], [basename(files.at(-1)!)]);
  assert.not(files.some((file) => file.endsWith('lrFind.svg')));
});

test('images that are read one by one give the same pictures as those in memory', async () => {
  const [inMemory, oneByOne] = [mkdtempSync(join(root, 'run-')), mkdtempSync(join(root, 'run-'))];
  await write(inMemory, testSet);
  await write(oneByOne, imagesOf(testSet));
  for (const file of ['samples.png', 'mistakes.png', 'classes.json']) {
    assert.ok(readFileSync(join(inMemory, file)).equals(readFileSync(join(oneByOne, file))), file);
  }
});

test('a data set without classes is refused, and nothing is written', async () => {
  const { labels: _, ...unlabelled } = imagesOf(testSet);
  const out = mkdtempSync(join(root, 'run-'));
  const error = await write(out, unlabelled).catch((reason) => reason);
  assert.instance(error, ShapeError);
  assert.match(error.message, /glyphs: a report needs a class for each of 40 images, there are 0/);
  assert.equal(readdirSync(out), []);
});

test.run();

function write(out: string, set: AnyDataset, more: object = {}): Promise<string[]> {
  const freezeLines = ['features', 'features 0 <Conv> was frozen!'];
  return writeFineTuneReports(out, {
    ...{ rows, testSet: set, evaluation: madeUp(), freezeLines, config: { optimizer: 'adam' }, ...more },
  });
}

/** Every fourth answer is wrong. */
function madeUp(): Evaluation {
  const total = testSet.count;
  const classes = testSet.classes.length;
  const predictions = Uint32Array.from(testSet.labels, (label, i) => (i % 4 ? label : (label + 1) % classes));
  const probabilities = Float32Array.from({ length: total }, (_, i) => (i + 1) / (total + 1));
  const top = { topClasses: predictions, topProbabilities: probabilities, topCount: 1 };
  return { loss: 0.5, accuracy: 0.75, total, top1: 30, top5: 35, predictions, probabilities, ...top };
}
