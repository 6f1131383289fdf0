// Grids bit for bit as torchvision's, and the pictures made of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type GridOptions, gridImage, makeGrid } from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';

interface Case {
  readonly shape: number[];
  readonly images: number[];
  readonly options: GridOptions;
  readonly gridShape: [number, number, number];
  readonly grid: number[];
  readonly bytes: number[];
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/makeGrid.json'), 'utf8')) as Case[];
const test = suite('makeGrid');

for (const { shape, images, options, gridShape, grid, bytes } of cases) {
  test(`makeGrid of [${shape}] with ${JSON.stringify(options)} is torchvision's`, () => {
    const found = makeGrid({ data: Float32Array.from(images), shape }, options);
    assert.equal(found.shape, gridShape);
    assert.equal([...found.data], grid);
    if (gridShape[0] === 3) assert.equal([...gridImage(found).data], bytes);
  });
}

test('a list of images is a batch of them', () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i / 24);
  const list = [0, 1].map((i) => ({ data: data.slice(12 * i, 12 * i + 12), shape: [3, 2, 2] as const }));
  assert.equal(makeGrid(list), makeGrid({ data, shape: [2, 3, 2, 2] }));
});

test('the images given stay as they are', () => {
  const data = Float32Array.of(1, 2, 3, 4);
  makeGrid({ data, shape: [4, 1, 1, 1] }, { normalize: true });
  assert.equal([...data], [1, 2, 3, 4]);
});

test('a value that is no number makes a black pixel, not an error', () => {
  const grid = makeGrid({ data: Float32Array.of(Number.NaN, 1), shape: [1, 2] });
  assert.equal([...gridImage(grid).data], [0, 0, 0, 255, 255, 255]);
});

test('what makes no grid is refused with what was given', () => {
  const refuse = (make: () => unknown, message: RegExp) =>
    assert.throws(make, (error: Error) => error instanceof ShapeError && message.test(error.message));
  const one = { data: new Float32Array(4), shape: [1, 1, 2, 2] };
  refuse(() => makeGrid([]), /at least one image/);
  refuse(() => makeGrid({ ...one, shape: [4] }), /given \[4\] with 4 values/);
  refuse(() => makeGrid({ ...one, shape: [1, 1, 1, 2, 2] }), /given \[1, 1, 1, 2, 2\]/);
  refuse(() => makeGrid({ ...one, shape: [1, 1, 2, 3] }), /with 4 values/);
  refuse(() => makeGrid({ ...one, shape: [1, 0, 2, 2] }), /given \[1, 0, 2, 2\]/);
  refuse(() => makeGrid(one, { nrow: 0 }), /nrow must be a positive integer, given 0/);
  refuse(() => makeGrid(one, { nrow: 1.5 }), /nrow/);
  refuse(() => makeGrid(one, { padding: -1 }), /padding must be an integer of at least 0, given -1/);
  refuse(() => makeGrid(one, { padValue: Number.NaN }), /padValue/);
  refuse(() => makeGrid(one, { valueRange: [1, 0] }), /valueRange .* given \[1, 0\]/);
  refuse(() => makeGrid({ data: new Float32Array(4), shape: [2, 1, 1, 2] }, { padding: 1e6 }), /more than 268435456/);
  const images = [2, 3].map((w) => ({ data: new Float32Array(w), shape: [1, 1, w] as const }));
  refuse(() => makeGrid(images), /image 1 has shape \[1, 1, 3\], the first \[1, 1, 2\]/);
  refuse(() => gridImage({ data: new Float32Array(2), shape: [2, 1, 1] }), /1 or 3 channels, given \[2, 1, 1\]/);
});

test.run();
