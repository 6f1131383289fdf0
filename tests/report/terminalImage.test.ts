// Images in the terminal: exact characters for tiny images, how they are laid out, and when colour is used.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ShapeError } from '../../kernels/errors.ts';
import type { Sample } from '../../training/report/sample.ts';
import { terminalColor, terminalImages } from '../../training/report/terminalImage.ts';

const test = suite('terminalImage');

test('a half block carries the upper pixel as foreground and the lower one as background', () => {
  const sample = sampleOf({ image: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2, 1] });
  const [line, caption] = terminalImages([sample], { color: 'truecolor' }).split('\n');
  assert.is(line.trimEnd(), '\x1b[38;2;1;3;5;48;2;2;4;6m▀\x1b[0m');
  assert.is(caption, '\x1b[32m7 ✓ 99.8 %\x1b[0m');
});

test('an odd last row leaves the background as it is', () => {
  const text = terminalImages([sampleOf({ image: Uint8Array.of(9), shape: [1, 1, 1] })], { color: 'truecolor' });
  assert.match(text, '\x1b[38;2;9;9;9;49m▀');
});

test('256 colours use the grey ramp from 232 to 255', () => {
  const text = terminalImages([sampleOf({ image: Uint8Array.of(0, 255), shape: [1, 2, 1] })], { color: 'grey' });
  assert.match(text, '\x1b[38;5;232;48;5;255m▀');
});

test('without colour an ASCII ramp is used and no escape code', () => {
  const image = Uint8Array.of(0, 140, 255, 0, 140, 255);
  const text = terminalImages([sampleOf({ image, shape: [1, 2, 3] })], { color: 'none' });
  assert.is(text, ' +@\n7 ✓ 99.8 %\n');
  assert.not.ok(text.includes('\x1b'));
});

test('a wrong prediction names the true class', () => {
  const text = terminalImages([sampleOf({ isRight: false, label: '5', prediction: '3' })], { color: 'none' });
  assert.match(text, '3 ✗ 99.8 % (5)');
});

test('as many images stand side by side as the width holds', () => {
  const five = Array.from({ length: 5 }, () => sampleOf({}));
  const lines = (columns: number) => terminalImages(five, { color: 'none', columns }).trimEnd().split('\n');
  assert.is(lines(5 * 28 + 4 * 2).length, 15, '14 lines of image and one caption');
  assert.is(lines(5 * 28 + 4 * 2 - 1).length, 30);
  assert.is(lines(10).length, 5 * 6, '10 x 10 pixels and a caption each');
  for (const line of lines(80)) assert.ok(line.length <= 80);
});

test('a large image is shrunk by averaging', () => {
  const image = Uint8Array.from({ length: 64 * 64 }, (_, index) => (index % 2 ? 255 : 1));
  const text = terminalImages([sampleOf({ image, shape: [1, 64, 64] })], { color: 'truecolor', maxWidth: 32 });
  assert.is(text.match(/▀/g)?.length, 32 * 16);
  assert.equal([...new Set(text.match(/38;2;\d+/g))], ['38;2;128']);
});

test('control characters of a class name do not reach the terminal', () => {
  const text = terminalImages([sampleOf({ prediction: '\x1b[2J' })], { color: 'none' });
  assert.not.ok(text.includes('\x1b'));
});

test('an image that does not fit its shape is refused', () => {
  assert.throws(
    () => terminalImages([sampleOf({}), sampleOf({ shape: [1, 2, 2] })], { color: 'none' }),
    (error: Error) => error instanceof ShapeError && /terminalImages: sample 1/.test(error.message),
  );
});

test('colour needs a terminal that has it and no NO_COLOR', () => {
  const terminal = (depth: number) => ({ isTTY: true, getColorDepth: () => depth });
  assert.is(terminalColor(terminal(24), {}), 'truecolor');
  assert.is(terminalColor(terminal(8), {}), 'grey');
  assert.is(terminalColor(terminal(4), {}), 'none');
  assert.is(terminalColor(terminal(24), { NO_COLOR: '1' }), 'none');
  assert.is(terminalColor(terminal(24), { NO_COLOR: '' }), 'truecolor');
  assert.is(terminalColor({ isTTY: false, getColorDepth: () => 24 }, {}), 'none');
  assert.is(terminalColor({}, {}), 'none');
});

test.run();

function sampleOf(change: Partial<Sample>): Sample {
  const image = new Uint8Array(784).fill(255);
  return { image, shape: [1, 28, 28], label: '7', prediction: '7', isRight: true, probability: 0.998, ...change };
}
