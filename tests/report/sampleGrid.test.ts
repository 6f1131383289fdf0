// The picture of samples as a PNG, decoded again: enlarged pixels, red for wrong ones, text that stays under its image.
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyph } from '../../datasets/draw/bitmapFont.ts';
import { encodePng } from '../../datasets/node/encodePng.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { formatProbability, type Sample } from '../../training/report/sample.ts';
import { sampleGrid } from '../../training/report/sampleGrid.ts';

const test = suite('sampleGrid');
const GAP = 20;

test('a grey pixel becomes a square of scale x scale', () => {
  const png = decode([sampleOf({ image: Uint8Array.of(0, 80, 160, 255), shape: [1, 2, 2] })], { scale: 10 });
  assert.equal(colorAt(png, GAP, GAP), [0, 0, 0]);
  assert.equal(colorAt(png, GAP + 10, GAP), [80, 80, 80]);
  assert.equal(colorAt(png, GAP + 19, GAP + 9), [80, 80, 80]);
  assert.equal(colorAt(png, GAP + 9, GAP + 10), [160, 160, 160]);
  assert.equal(colorAt(png, GAP + 10, GAP + 10), [255, 255, 255]);
});

test('RGB planes become colours', () => {
  const png = decode([sampleOf({ image: Uint8Array.of(10, 20, 30, 40, 50, 60), shape: [3, 1, 2] })], { scale: 30 });
  assert.equal(colorAt(png, GAP, GAP), [10, 30, 50]);
  assert.equal(colorAt(png, GAP + 30, GAP), [20, 40, 60]);
});

test('only a wrong prediction is framed and written in red', () => {
  const isRed = ([red, green, blue]: number[]) => red > 150 && green < 60 && blue < 60;
  for (const isRight of [true, false]) {
    const png = decode([sampleOf({ isRight })]);
    const count = colorsOf(png).filter(isRed).length;
    assert.is(count > 100, !isRight, `${count} red pixels`);
    assert.is(isRed(colorAt(png, GAP - 2, GAP - 2)), !isRight);
  }
});

test('the prediction is written under the image in the bitmap font', () => {
  const png = decode([sampleOf({ prediction: '7', image: new Uint8Array(784) })]);
  const top = GAP + 196 + 8;
  const drawn = Array.from({ length: GLYPH_HEIGHT }, (_, y) =>
    Array.from({ length: GLYPH_WIDTH }, (_, x) => (colorAt(png, GAP + 2 * x, top + 2 * y)[0] < 128 ? 'x' : '.')).join(
      '',
    ),
  );
  assert.equal(drawn, glyph('7'));
});

test('text too long for its image is cut, so neighbours do not overlap', () => {
  const long = sampleOf({ label: 'w'.repeat(200), prediction: 'w'.repeat(200) });
  const png = decode([long, long], { columns: 2 });
  const [gapLeft, gapRight] = [GAP + 196 + 1, GAP + 196 + GAP - 2];
  for (let y = GAP + 196 + 2; y < png.height; y++) {
    for (let x = gapLeft; x < gapRight; x++) assert.equal(colorAt(png, x, y), [255, 255, 255]);
  }
});

test('samples fill rows of the given number of columns', () => {
  const seven = Array.from({ length: 7 }, () => sampleOf({}));
  const narrow = decode(seven, { columns: 2 });
  const wide = decode(seven, { columns: 10 });
  assert.is(narrow.width, GAP + 2 * (196 + GAP));
  assert.is(wide.width, GAP + 7 * (196 + GAP));
  assert.is(narrow.height - GAP, 4 * (wide.height - GAP));
});

test('a smaller image stands in the middle of its tile', () => {
  const small = sampleOf({ image: new Uint8Array(16), shape: [1, 4, 4] });
  const png = decode([sampleOf({}), small], { scale: 1, columns: 2 });
  const left = GAP + 28 + GAP;
  assert.equal(colorAt(png, left + 12, GAP + 12), [0, 0, 0]);
  assert.equal(colorAt(png, left + 15, GAP + 15), [0, 0, 0]);
  assert.equal(colorAt(png, left + 2, GAP + 2), [255, 255, 255]);
});

test('what cannot be drawn is refused', () => {
  const refuse = (samples: Sample[], options: object, message: RegExp) =>
    assert.throws(
      () => sampleGrid(samples, options),
      (error: Error) => error instanceof ShapeError && message.test(error.message),
    );
  refuse([], {}, /at least one sample/);
  refuse([sampleOf({ shape: [2, 28, 28] })], {}, /sample 0: expected a shape \[1 or 3, h, w\].* got shape \[2,28,28\]/);
  refuse([sampleOf({ image: new Uint8Array(5) })], {}, /sample 0: .* 5 bytes/);
  refuse([sampleOf({})], { columns: 0 }, /columns must be a positive integer, got 0/);
  refuse([sampleOf({})], { scale: 1e6 }, /pixels, expected at most 16384/);
});

test('every printable ASCII character has a glyph of its own', () => {
  const chars = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
  const shapes = chars.map((char) => glyph(char).join('\n'));
  for (const shape of shapes) assert.match(shape, /^([.x]{5}\n){7}[.x]{5}$/);
  assert.is(new Set(shapes).size, 95);
  assert.equal(glyph('é'), glyph('?'));
});

test('a probability just below one is not rounded to certainty', () => {
  assert.is(formatProbability(0.99999), '99.9 %');
  assert.is(formatProbability(1), '100.0 %');
  assert.is(formatProbability(0.1234), '12.3 %');
});

test.run();

function sampleOf(change: Partial<Sample>): Sample {
  const image = new Uint8Array(784).fill(128);
  return { image, shape: [1, 28, 28], label: '7', prediction: '7', isRight: true, probability: 0.5, ...change };
}

function decode(samples: Sample[], options?: object): PNG {
  return PNG.sync.read(Buffer.from(encodePng(sampleGrid(samples, options))));
}

function colorAt(png: PNG, x: number, y: number): number[] {
  return [...png.data.subarray(4 * (y * png.width + x), 4 * (y * png.width + x) + 3)];
}

function colorsOf(png: PNG): number[][] {
  return Array.from({ length: png.width * png.height }, (_, i) => [...png.data.subarray(4 * i, 4 * i + 3)]);
}
