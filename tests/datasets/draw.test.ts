// What is drawn over images: where it lies, in which colour, and that nothing else changes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GLYPH_HEIGHT } from '../../datasets/draw/bitmapFont.ts';
import { distinctColor } from '../../datasets/draw/colors.ts';
import {
  CITYSCAPES_CLASSES,
  COCO_CATEGORIES,
  type CocoAnnotation,
  drawCityscapes,
  drawCoco,
  type Image,
} from '../../datasets/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';

const [WIDTH, HEIGHT] = [40, 30];
const GREY = 100;
const image: Image = {
  width: WIDTH,
  height: HEIGHT,
  channels: 1,
  data: new Uint8Array(WIDTH * HEIGHT).fill(GREY),
};
const box: CocoAnnotation = {
  id: 1,
  imageId: 1,
  categoryId: 1,
  category: 0,
  bbox: [10, 12, 8, 6],
  area: 48,
  iscrowd: false,
};
const SQUARE = [[10, 12, 18, 12, 18, 18, 10, 18]];
const FIRST = [...distinctColor(0)];

const at = ({ width, data }: Image, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];
/** Pixels that are not as the image was, as [left, top, right, bottom], the ends included. */
function changed({ width, height, data }: Image): number[] {
  const all = Array.from({ length: width * height }, (_, i) => i).filter((i) =>
    data.subarray(3 * i, 3 * i + 3).some((level) => level !== GREY),
  );
  const [xs, ys] = [all.map((i) => i % width), all.map((i) => Math.floor(i / width))];
  return all.length === 0 ? [] : [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

test('without annotations the picture is the image in RGB, and the image is never touched', () => {
  const drawn = drawCoco(image, []);
  assert.equal([drawn.width, drawn.height, drawn.channels], [WIDTH, HEIGHT, 3]);
  assert.equal(changed(drawn), []);
  drawCoco(image, [box]);
  assert.ok(image.data.every((level) => level === GREY));
});

test('a box is the outline of the pixels it touches', () => {
  const drawn = drawCoco(image, [box]);
  assert.equal(changed(drawn), [10, 12, 17, 17]);
  assert.equal(at(drawn, 10, 12), FIRST);
  assert.equal(at(drawn, 17, 17), FIRST);
  assert.equal(at(drawn, 12, 14), [GREY, GREY, GREY]);
  const off = drawCoco(image, [{ ...box, bbox: [10.4, 12.6, 7.2, 5] }]);
  assert.equal(changed(off), [10, 12, 17, 17]);
});

test('boxes beyond the image, and without a size, are cut or a pixel wide', () => {
  assert.equal(changed(drawCoco(image, [{ ...box, bbox: [-1e12, -5, 2e12, 10] }])), [0, 4, WIDTH - 1, 4]);
  assert.equal(changed(drawCoco(image, [{ ...box, bbox: [5, 5, 0, 0] }])), [5, 5, 5, 5]);
  assert.equal(changed(drawCoco(image, [{ ...box, bbox: [500, 5, 3, 3] }])), []);
});

test('a mask is mixed in by half, and its edge stands out', () => {
  const drawn = drawCoco(image, [{ ...box, segmentation: SQUARE }], { boxes: false });
  assert.equal(changed(drawn), [10, 12, 17, 17]);
  assert.equal(
    at(drawn, 14, 15),
    FIRST.map((level) => Math.round((level + GREY) / 2)),
  );
  assert.equal(
    at(drawn, 10, 15),
    FIRST.map((level) => Math.round(level * 0.9 + GREY * 0.1)),
  );
  assert.equal(changed(drawCoco(image, [{ ...box, segmentation: SQUARE }], { boxes: false, opacity: 0 })), []);
  const runs = { size: [HEIGHT, WIDTH] as const, counts: [HEIGHT, 2, HEIGHT * WIDTH - HEIGHT - 2] };
  assert.equal(changed(drawCoco(image, [{ ...box, segmentation: runs }], { boxes: false })), [1, 0, 1, 1]);
});

test('the small annotation lies above the large one, in whichever order they come', () => {
  const large = {
    ...box,
    id: 2,
    bbox: [5, 5, 30, 20] as const,
    area: 600,
    segmentation: [[5, 5, 35, 5, 35, 25, 5, 25]],
  };
  const small = { ...box, segmentation: SQUARE };
  const drawn = drawCoco(image, [small, large]);
  assert.equal(at(drawn, 10, 12), FIRST);
  const other = drawCoco(image, [large, small], { colorBy: 'category' });
  assert.equal(at(other, 5, 5), FIRST);
});

test('keypoints are dots where they are labelled, joined by the skeleton', () => {
  const [person] = COCO_CATEGORIES;
  const keypoints = new Array<number>(51).fill(0);
  // left ankle and left knee are joined, the nose is not labelled
  keypoints.splice(3 * 15, 3, 10, 20, 2);
  keypoints.splice(3 * 13, 3, 30, 20, 1);
  const drawn = drawCoco(image, [{ ...box, keypoints, numKeypoints: 2 }], { boxes: false, categories: [person!] });
  assert.equal(at(drawn, 20, 20), FIRST);
  assert.equal(at(drawn, 0, 0), [GREY, GREY, GREY]);
  const [left, top, right, bottom] = changed(drawn);
  assert.ok(left! >= 5 && top! >= 14 && right! <= 36 && bottom! <= 26, `${changed(drawn)}`);
  const loose = drawCoco(image, [{ ...box, keypoints, numKeypoints: 2 }], { boxes: false });
  assert.equal(at(loose, 20, 20), [GREY, GREY, GREY]);
  assert.equal(changed(drawCoco(image, [{ ...box, keypoints }], { boxes: false, keypoints: false })), []);
});

test('labels stand above their box, move into the picture, and do not hide each other', () => {
  const categories = [{ ...COCO_CATEGORIES[0]!, name: 'ab' }];
  const height = GLYPH_HEIGHT + 1;
  const above = drawCoco(image, [{ ...box, bbox: [10, 15, 8, 6] }], { categories });
  assert.is(changed(above)[1], 15 - height);
  assert.ok(isLabel(above, 10, 15 - height));
  const inside = drawCoco(image, [{ ...box, bbox: [10, 2, 8, 20] }], { categories });
  assert.is(changed(inside)[1], 2);
  const right = drawCoco(image, [{ ...box, bbox: [38, 15, 30, 6] }], { categories });
  assert.ok(isLabel(right, WIDTH - 13, 15 - height));
  const two = drawCoco(image, [box, { ...box, id: 2 }], { categories });
  assert.equal(at(two, 10, 12 - height), FIRST);
  assert.equal(at(two, 10, 12), [...distinctColor(1)]);

  function isLabel(drawn: Image, left: number, top: number): boolean {
    const row = Array.from({ length: 13 }, (_, i) => at(drawn, left + i, top));
    return row.every((pixel) => pixel.join() === FIRST.join());
  }
});

test('an enlarged picture has everything in its place', () => {
  const drawn = drawCoco(image, [{ ...box, segmentation: SQUARE }], { scale: 5 });
  assert.equal([drawn.width, drawn.height], [5 * WIDTH, 5 * HEIGHT]);
  assert.equal(changed(drawn), [50, 60, 89, 89]);
});

test('the first colours can be told apart', () => {
  const colors = Array.from({ length: 12 }, (_, i) => distinctColor(i));
  for (const [i, a] of colors.entries()) {
    for (const b of colors.slice(0, i)) {
      assert.ok(Math.hypot(...a.map((level, c) => level - b[c]!)) > 40, `${a} and ${b}`);
    }
  }
});

test('what cannot be drawn is refused', () => {
  const refused: [() => unknown, typeof ShapeError, RegExp][] = [
    [() => drawCoco(image, [], { opacity: Number.NaN }), ShapeError, /opacity is from 0 to 1, given NaN/],
    [() => drawCoco(image, [], { opacity: 2 }), ShapeError, /given 2/],
    [() => drawCoco(image, [], { scale: 0 }), ShapeError, /scale must be a positive integer, given 0/],
    [() => drawCoco(image, [], { scale: Number.NaN }), ShapeError, /given NaN/],
    [() => drawCoco(image, [], { scale: 1e6 }), ShapeError, /too large/],
    [() => drawCoco({ ...image, width: 41 }, []), ShapeError, /drawCoco: an image/],
    [() => drawCoco(image, [{ ...box, bbox: [Number.NaN, 1, 1, 1] }]), ShapeError, /annotation 1 has the box \[NaN/],
    [
      () => drawCoco(image, [{ ...box, segmentation: { size: [3, 3], counts: [9] } }]),
      FormatError,
      /for \[3,3\], the image is \[30, 40\]/,
    ],
    [() => scene([7, 7, 7]), ShapeError, /3 x 1 with 3 values, the image is 2 x 1/],
    [() => scene([7, 7], { opacity: -1 }), ShapeError, /opacity/],
    [() => scene([7, 7], { scale: 1.5 }), ShapeError, /scale/],
  ];
  for (const [act, type, message] of refused) {
    assert.throws(act, (error: Error) => error instanceof type && message.test(error.message), `${message}`);
  }
});

/** Two pixels of a street. */
function scene(labels: number[], options: Parameters<typeof drawCityscapes>[2] = {}): Image {
  const street: Image = { width: 2, height: 1, channels: 3, data: new Uint8Array(6).fill(GREY) };
  return drawCityscapes(street, { width: labels.length, height: 1, data: Uint16Array.from(labels) }, options);
}

test('Cityscapes classes have their colours, and what is not labelled stays', () => {
  const road = CITYSCAPES_CLASSES.find(({ name }) => name === 'road')!.color;
  const half = road.map((level) => Math.round((level + GREY) / 2));
  assert.equal([...scene([7, 0]).data], [...half, GREY, GREY, GREY]);
  assert.equal([...scene([0, 255], { labels: 'semanticTrainIds', opacity: 1 }).data], [...road, GREY, GREY, GREY]);
  assert.equal([...scene([7, 19], { labels: 'semanticTrainIds' }).data].slice(3), [GREY, GREY, GREY]);
});

test('objects of Cityscapes have the colour of their class and an outline', () => {
  const car = CITYSCAPES_CLASSES.find(({ name }) => name === 'car')!.color;
  const drawn = scene([26001, 26001], { labels: 'instance', opacity: 1, scale: 4 });
  assert.equal(at(drawn, 3, 2), [...car]);
  const two = scene([26001, 26002], { labels: 'instance', opacity: 1, scale: 4 });
  assert.equal(at(two, 1, 2), [...car]);
  assert.not.equal(at(two, 3, 2), [...car]);
  assert.not.equal(at(two, 4, 2), [...car]);
});

test('a legend below the scene names the classes that are there', () => {
  const plain = scene([7, 23], { scale: 64 });
  const named = scene([7, 23], { scale: 64, legend: true });
  assert.is(named.width, plain.width);
  assert.equal([...named.data.subarray(0, plain.data.length)], [...plain.data]);
  const below = new Set(
    Array.from({ length: named.width * (named.height - 64) }, (_, i) =>
      at(named, i % 128, 64 + Math.floor(i / 128)).join(),
    ),
  );
  for (const name of ['road', 'sky']) {
    assert.ok(below.has(CITYSCAPES_CLASSES.find((each) => each.name === name)!.color.join()), name);
  }
  assert.is(scene([0, 0], { scale: 64, legend: true }).height, 64);
});

test.run();
