// tests/fixtures/resizeRotate.json holds what torchvision makes of the same pictures.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Interpolation, resize } from '../../datasets/images/resize.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { formulaImage } from './formulaImage.ts';
import { assertImage, type Described } from './imageFixtures.ts';

interface Resized {
  readonly from: readonly [height: number, width: number, channels: 1 | 3, seed: number];
  readonly size: number | [number, number];
  readonly interpolation: Interpolation;
  readonly resized: Described;
}

const path = join(import.meta.dirname, '..', 'fixtures', 'resizeRotate.json');
const { resizes }: { readonly resizes: readonly Resized[] } = JSON.parse(readFileSync(path, 'utf8'));

for (const interpolation of ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const) {
  test(`resize by ${interpolation} equals Pillow, up and down, grey and RGB`, () => {
    const cases = resizes.filter((entry) => entry.interpolation === interpolation);
    assert.is(cases.length, 27);
    for (const { from, size, resized } of cases) {
      assertImage(resize(formulaImage(...from), size, { interpolation }), resized, `[${from}] to ${size}`);
    }
  });
}

test('resize is bilinear when nothing is said', () => {
  const image = formulaImage(9, 14, 3, 2);
  assert.equal(resize(image, 5), resize(image, 5, { interpolation: 'bilinear' }));
});

test('an interpolation that resize has not is refused with those it has', () => {
  for (const interpolation of ['cubic', 'constructor', ''] as unknown[] as Interpolation[]) {
    assert.throws(
      () => resize(formulaImage(4, 4, 1, 0), 2, { interpolation }),
      (error: Error) =>
        error instanceof ShapeError &&
        error.message ===
          `resize: interpolation is one of nearest, box, bilinear, hamming, bicubic, lanczos, given ${interpolation}`,
    );
  }
});

test('a resize whose first pass or whose weights would be too large is refused', () => {
  const column = { width: 1, height: 2 ** 20, channels: 1, data: new Uint8Array(2 ** 20) } as const;
  const cases: [run: () => unknown, message: string][] = [
    [() => resize(column, [2, 2 ** 20]), 'at most 268435456 pixels can be made, asked for [1048576, 1048576]'],
    [() => resize(formulaImage(1, 2, 1, 0), [1, 2 ** 27]), '2 to 134217728 pixels takes more than 268435456 weights'],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error: Error) => error instanceof ShapeError && error.message.includes(message), message);
  }
});

test.run();
