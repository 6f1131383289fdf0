// Confusion matrix: counts, precision and recall by hand-made numbers, and what the drawing contains.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ShapeError } from '../../kernels/errors.ts';
import { accuracyOf, classScores, confusionMatrix, confusionSvg } from '../../training/report/confusion.ts';

const test = suite('confusion');

//                     true 0: 2 right, 1 taken for 1; true 1: 1 right; true 2: never right, taken for 0 twice
const LABELS = [0, 0, 0, 1, 2, 2];
const PREDICTIONS = [0, 0, 1, 1, 0, 0];

test('rows are true classes and columns predictions', () => {
  const { counts } = confusionMatrix(LABELS, PREDICTIONS, 3);
  assert.equal([...counts], [2, 1, 0, 0, 1, 0, 2, 0, 0]);
});

test('precision, recall, support and accuracy follow from the counts', () => {
  const matrix = confusionMatrix(LABELS, PREDICTIONS, 3);
  const [first, second, third] = classScores(matrix);
  assert.equal(first, { precision: 2 / 4, recall: 2 / 3, support: 3 });
  assert.equal(second, { precision: 1 / 2, recall: 1, support: 1 });
  assert.is(third.recall, 0);
  assert.ok(Number.isNaN(third.precision), 'never predicted');
  assert.is(accuracyOf(matrix), 3 / 6);
});

test('labels and predictions that do not fit are refused by position', () => {
  const message = (pattern: RegExp) => (error: Error) => error instanceof ShapeError && pattern.test(error.message);
  assert.throws(() => confusionMatrix([0, 1], [0], 2), message(/2 labels but 1 predictions/));
  assert.throws(() => confusionMatrix([0, 2], [0, 0], 2), message(/label 1 is 2, expected an integer in \[0, 2\)/));
  assert.throws(() => confusionMatrix([0], [-1], 2), message(/prediction 0 is -1/));
  assert.throws(() => confusionMatrix([0.5], [0], 2), message(/label 0 is 0.5/));
});

test('the heat map shows names, counts, precision and recall', async () => {
  const svg = await confusionSvg(confusionMatrix(LABELS, PREDICTIONS, 3), ['cat', 'dog', 'a <b> & "c"']);
  const texts = textsOf(svg);
  for (const expected of [
    'cat',
    'dog',
    'a &lt;b&gt; &amp; "c"',
    'true class',
    'predicted class',
    '50.0 % of 6 right',
  ]) {
    assert.ok(texts.includes(expected), `"${expected}" is among ${texts.join(' | ')}`);
  }
  assert.is(countTexts(svg, '66.7'), 1, 'recall of cat');
  assert.is(countTexts(svg, '–'), 1, 'precision of a class never predicted');
  assert.is(countTexts(svg, '2'), 2, 'the two cells that hold 2');
});

test('only cells that are not empty are drawn', async () => {
  const svg = await confusionSvg(confusionMatrix(LABELS, PREDICTIONS, 3), ['a', 'b', 'c']);
  assert.is(svg.match(/aria-roledescription="rect mark"/g)?.length ?? 0, 4);
});

test('a hundred classes are named but carry no counts', async () => {
  const classes = Array.from({ length: 100 }, (_, index) => `class ${index}`);
  const labels = classes.flatMap((_, index) => [index, index, index]);
  const svg = await confusionSvg(confusionMatrix(labels, labels, 100), classes);
  assert.is(countTexts(svg, 'class 57'), 2, 'once down, once across');
  assert.is(countTexts(svg, '3'), 0);
  assert.is(countTexts(svg, 'recall %'), 0);
});

test('classes that share a name stay apart', async () => {
  const svg = await confusionSvg(confusionMatrix([0, 1], [0, 1], 2), ['crane', 'crane']);
  assert.is(countTexts(svg, 'crane'), 4);
});

test('control characters in names do not reach the SVG', async () => {
  const svg = await confusionSvg(confusionMatrix([0], [0], 1), ['a\x1b[31m']);
  assert.ok(textsOf(svg).includes('a?[31m'));
  assert.not.ok(svg.includes('\x1b'));
});

test('a matrix without samples is drawn too', async () => {
  const svg = await confusionSvg(confusionMatrix([], [], 2), ['a', 'b']);
  assert.ok(textsOf(svg).includes('no samples'));
  assert.not.match(svg, /NaN/);
});

test('a wrong number of names is refused', async () => {
  const error = await confusionSvg(confusionMatrix([], [], 3), ['a']).catch((reason) => reason);
  assert.instance(error, ShapeError);
  assert.match(error.message, /1 class names for 3 classes/);
});

test.run();

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
}

function countTexts(svg: string, text: string): number {
  return textsOf(svg).filter((other) => other === text).length;
}
