// Polygons and run lengths, against what pycocotools makes of them (tests/fixtures/cocoMasks.py).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toRle } from '../../datasets/coco/rle.ts';
import {
  maskToRle,
  mergeRles,
  polygonToRle,
  type Rle,
  rleArea,
  rleBox,
  rleFromString,
  rleToMask,
  rleToString,
} from '../../datasets/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';

interface Described {
  readonly string: string;
  readonly area: number;
  readonly box: readonly number[];
}

interface PolygonCase {
  readonly height: number;
  readonly width: number;
  readonly polygons: readonly (readonly number[])[];
  readonly merged: Described;
  readonly intersected?: Described;
}

const fixtures: {
  readonly polygons: readonly PolygonCase[];
  readonly masks: readonly (Described & { readonly rows: readonly string[] })[];
} = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'cocoMasks.json'), 'utf8'));

test('polygons become the masks that pycocotools makes of them', () => {
  assert.ok(fixtures.polygons.length > 20);
  for (const { polygons, merged, intersected, ...size } of fixtures.polygons) {
    const parts = polygons.map((polygon) => polygonToRle(polygon, size));
    same(mergeRles(parts), merged, JSON.stringify(polygons));
    if (intersected) same(mergeRles(parts, { intersect: true }), intersected, JSON.stringify(polygons));
  }
});

test('masks become the run lengths that pycocotools makes of them, and come back', () => {
  for (const { rows, ...described } of fixtures.masks) {
    const size = { height: rows.length, width: rows[0]!.length };
    const mask = Uint8Array.from(rows.join(''), Number);
    const rle = maskToRle(mask, size);
    same(rle, described, rows.join());
    assert.equal(rleToMask(rle), mask);
    assert.equal(rleFromString(described.string, size), rle);
  }
});

test('run lengths in text are read as they are written, large and falling ones too', () => {
  const size = { height: 10000, width: 10000 };
  const rle = toRle([0, 1, 99_999_983, 3, 5, 0, 8], size);
  assert.equal(rleFromString(rleToString(rle), size), rle);
});

test('the mask of pixels row by row is the mask down the columns', () => {
  const rle = toRle([1, 2, 1, 1, 1], { height: 2, width: 3 });
  assert.equal([...rleToMask(rle)], [0, 1, 1, 1, 0, 0]);
});

test('run lengths that do not fill the mask are refused', () => {
  const size = { height: 4, width: 3 };
  const refused: [() => unknown, RegExp][] = [
    [() => toRle([5, 6], size), /sum to 11, expected 4 x 3 = 12/],
    [() => toRle([5, 8], size), /sum to 13/],
    [() => toRle([], size), /sum to 0/],
    [() => toRle([5, -1, 8], size), /run 1 is -1/],
    [() => toRle([5, 1.5, 5.5], size), /run 1 is 1.5/],
    [() => toRle([12, null], size), /run 1 is null/],
    [() => rleFromString('', size), /sum to 0/],
    [() => rleFromString('57\u00ff', size), /character 2/],
    [() => rleFromString('5W', size), /run at character 1 ends or is damaged at 2/],
    [() => rleFromString('ooooooooooo0', size), /too many digits/],
    [() => rleFromString('1O', size), /run 1 is -1/],
  ];
  for (const [act, message] of refused) throwsWith(act, FormatError, message);
});

test('sizes, polygons and masks that make no sense are refused before anything is allocated', () => {
  const size = { height: 4, width: 3 };
  const refused: [() => unknown, RegExp][] = [
    [() => polygonToRle([0, 0, 1, 1, 2], size), /given 5 numbers/],
    [() => polygonToRle([], size), /given 0 numbers/],
    [() => polygonToRle([0, 0, 1, Number.NaN, 2, 2], size), /coordinate 3 of a polygon is NaN/],
    [() => polygonToRle([0, 0, 1e9, 1, 2, 2], size), /pixels long/],
    [() => polygonToRle([0, 0, 1, 1, 2, 2], { height: 1e9, width: 1e9 }), /at most 2\^27 pixels/],
    [() => polygonToRle([0, 0, 1, 1, 2, 2], { height: Number.NaN, width: 3 }), /given \[NaN, 3\]/],
    [() => maskToRle(new Uint8Array(11), size), /12 values, given 11/],
    [() => maskToRle(new Uint8Array(0), { height: 0, width: 3 }), /given \[0, 3\]/],
    [() => mergeRles([]), /at least one mask/],
    [() => mergeRles([toRle([12], size), toRle([12], { height: 3, width: 4 })]), /\[3, 4\], the first of \[4, 3\]/],
  ];
  for (const [act, message] of refused) throwsWith(act, ShapeError, message);
});

test.run();

function same(rle: Rle, { string, area, box }: Described, what: string): void {
  assert.is(rleToString(rle), string, what);
  assert.is(rleArea(rle), area, what);
  assert.equal([...rleBox(rle)], box, what);
}

function throwsWith(act: () => unknown, type: typeof FormatError, message: RegExp): void {
  assert.throws(act, (error: unknown) => {
    assert.instance(error, type);
    assert.match((error as Error).message, message);
    return true;
  });
}
