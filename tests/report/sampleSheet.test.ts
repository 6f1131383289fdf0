// Sample sheets: the images asked for, their classes under them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyph } from '../../datasets/draw/bitmapFont.ts';
import type { Dataset, Image } from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { sampleSheet } from '../../training/report/sampleSheet.ts';

const GAP = 8;
const TOP_OF_TEXT = GAP + 64 + 4 + 2;
const LINE = GLYPH_HEIGHT + 2;
const test = suite('sampleSheet');

test('the images stand in the order asked for, enlarged to some 64 pixels', async () => {
  const sheet = await sampleSheet(datasetOf(['a', 'b']), [1, 0, 1], { columns: 2 });
  assert.equal([sheet.width, sheet.height], [GAP + 2 * (64 + GAP), GAP + 2 * (64 + 4 + LINE + GAP)]);
  assert.equal(at(sheet, GAP, GAP), [200, 200, 200]);
  assert.equal(at(sheet, GAP + 64 + GAP, GAP), [100, 100, 100]);
});

test('inverted, dark becomes light', async () => {
  const sheet = await sampleSheet(datasetOf(['a', 'b']), [1], { isInverted: true });
  assert.equal(at(sheet, GAP, GAP), [55, 55, 55]);
});

test('the class is written under its image', async () => {
  const sheet = await sampleSheet(datasetOf(['cat', 'b']), [0]);
  for (const [i, char] of [...'cat'].entries()) assert.equal(drawn(sheet, i, 0), glyph(char));
});

test('a name too long for a line is broken between words', async () => {
  const sheet = await sampleSheet(datasetOf(['aquarium_fish', 'b']), [0]);
  assert.equal(drawn(sheet, 8, 0), glyph('_'));
  assert.equal(drawn(sheet, 9, 0), glyph(' '));
  assert.equal(drawn(sheet, 0, 1), glyph('f'));
});

test('a name too long for two lines is cut before the next image', async () => {
  const sheet = await sampleSheet(datasetOf(['w'.repeat(5000), 'b']), [0, 0]);
  for (let y = GAP + 66; y < sheet.height; y++) {
    for (let x = GAP + 64 + 6; x < GAP + 64 + GAP; x++) assert.equal(at(sheet, x, y), [255, 255, 255]);
  }
});

test('what cannot be drawn is refused', async () => {
  const refuse = async (drawing: Promise<unknown>, message: RegExp) => {
    const error = (await drawing.catch((reason) => reason)) as Error;
    assert.instance(error, ShapeError);
    assert.match(error.message, message);
  };
  const dataset = datasetOf(['a', 'b']);
  await refuse(sampleSheet(dataset, []), /at least one sample/);
  await refuse(sampleSheet(dataset, [2]), /two: .*\b2\b/);
  await refuse(sampleSheet(dataset, [0], { columns: 0 }), /columns must be a positive integer, got 0/);
  await refuse(sampleSheet(dataset, Array(500).fill(0), { columns: 500 }), /at most 16384/);
  const { labels: _, ...unlabelled } = { ...dataset, bad: [], get: () => Promise.reject(new Error()) };
  await refuse(sampleSheet({ ...unlabelled, images: undefined } as never, [0]), /no classes to write/);
});

test.run();

/** Two images of 8 x 8: levels 100 and 200. */
function datasetOf(classes: string[]): Dataset {
  const images = Uint8Array.from({ length: 128 }, (_, i) => (i < 64 ? 100 : 200));
  const facts = { name: 'two', count: 2, shape: [1, 8, 8], mean: [0], std: [1] } as const;
  return { ...facts, images, labels: Uint8Array.of(0, 1), classes };
}

function at({ data, width }: Image, x: number, y: number): number[] {
  return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

/** The character at a place under the first image. */
function drawn(sheet: Image, column: number, line: number): string[] {
  const [left, top] = [GAP + column * (GLYPH_WIDTH + 1), TOP_OF_TEXT + line * LINE];
  return Array.from({ length: GLYPH_HEIGHT }, (_, y) =>
    Array.from({ length: GLYPH_WIDTH }, (_, x) => (at(sheet, left + x, top + y)[0]! < 128 ? 'x' : '.')).join(''),
  );
}
