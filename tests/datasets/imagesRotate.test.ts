// tests/fixtures/resizeRotate.json holds what torchvision makes of the same pictures.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type RotateOptions, rotate } from '../../datasets/images/rotate.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { formulaImage } from './formulaImage.ts';
import { assertImage, type Described } from './imageFixtures.ts';

interface Rotated {
  readonly from: readonly [height: number, width: number, channels: 1 | 3, seed: number];
  readonly degrees: number;
  readonly options: RotateOptions;
  readonly rotated: Described;
}

const path = join(import.meta.dirname, '..', 'fixtures', 'resizeRotate.json');
const { rotations }: { readonly rotations: readonly Rotated[] } = JSON.parse(readFileSync(path, 'utf8'));

for (const interpolation of ['nearest', 'bilinear', 'bicubic'] as const) {
  test(`rotate by ${interpolation} equals Pillow at any angle, expanded, about any center, with any fill`, () => {
    const cases = rotations.filter(({ options }) => options.interpolation === interpolation);
    assert.ok(cases.length >= 66);
    for (const { from, degrees, options, rotated } of cases) {
      const what = `[${from}] by ${degrees}, ${JSON.stringify(options)}`;
      assertImage(rotate(formulaImage(...from), degrees, options), rotated, what);
    }
  });
}

test('rotate turns counter-clockwise, and takes nearest and black when nothing is said', () => {
  const image = { width: 3, height: 1, channels: 1, data: Uint8Array.of(1, 2, 3) } as const;
  assert.equal([...rotate(image, 90, { expand: true }).data], [3, 2, 1]);
  assert.equal([...rotate(image, 90).data], [0, 2, 0]);
});

test('the rotated image is left as it was', () => {
  const image = formulaImage(9, 9, 3, 1);
  for (const degrees of [0, 45, 90, 180]) rotate(image, degrees, { fill: 7 });
  assert.equal(image, formulaImage(9, 9, 3, 1));
});

test('options of rotate that make no sense are refused by name', () => {
  const image = formulaImage(4, 5, 3, 0);
  const long = formulaImage(1, 40000, 1, 0);
  const flat = { ...image, data: image.data.subarray(1) };
  const cases: [run: () => unknown, message: string][] = [
    [() => rotate(image, Number.NaN), 'rotate: degrees are a finite number, given NaN'],
    [() => rotate(image, Number.POSITIVE_INFINITY), 'given Infinity'],
    [
      () => rotate(image, 5, { interpolation: 'lanczos' as 'nearest' }),
      'rotate: interpolation is one of nearest, bilinear, bicubic, given lanczos',
    ],
    [() => rotate(image, 0, { fill: [1, 2] }), 'rotate: fill is a level from 0 to 255 or 3 of them, given 1,2'],
    [() => rotate(image, 5, { fill: 256 }), 'given 256'],
    [() => rotate(image, 5, { fill: [0, -1, 0] }), 'given 0,-1,0'],
    [() => rotate(image, 5, { fill: Number.NaN }), 'given NaN'],
    [() => rotate(image, 5, { center: [1, Number.NaN] }), 'a center is two finite numbers, [x, y], given [1, NaN]'],
    [() => rotate(image, 5, { center: [1] as unknown as [number, number] }), 'given [1]'],
    [() => rotate(long, 45, { expand: true }), 'rotate: 1 to 268435456 pixels can be made, expanding asks for [28285,'],
    [() => rotate(image, 45, { expand: true, center: [1e300, 1] }), 'expanding asks for [0, 0]'],
    [() => rotate(flat, 5), 'rotate: an image of [4, 5, 3] has 60 values, given 59'],
  ];
  for (const [run, message] of cases) {
    assert.throws(run, (error: Error) => error instanceof ShapeError && error.message.includes(message), message);
  }
});

test.run();
