// torchvision's transforms: each function on pictures whose results torchvision gave, then what is random in them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  CenterCrop,
  ColorJitter,
  Compose,
  crop,
  Grayscale,
  horizontalFlip,
  type Image,
  Normalize,
  Pad,
  type PaddingMode,
  Random,
  RandomCrop,
  RandomErasing,
  RandomGrayscale,
  RandomHorizontalFlip,
  RandomResizedCrop,
  RandomRotation,
  RandomVerticalFlip,
  Resize,
  sampleRandom,
  type TensorImage,
  ToTensor,
  type Transform,
  transformFromJSON,
  verticalFlip,
} from '../../datasets/index.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { formulaImage } from './formulaImage.ts';

interface Case {
  readonly name: string;
  readonly from: [height: number, width: number, channels: 1 | 3];
  readonly seed: number;
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of a dozen functions
  readonly arguments: any[];
  readonly width?: number;
  readonly height?: number;
  readonly shape?: number[];
  readonly sha256: string;
}

interface Fixtures {
  readonly cases: Case[];
  readonly hues: { readonly factor: number; readonly sha256: string }[];
  readonly printed: string[];
}

const fixtures: Fixtures = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'fixtures', 'transforms.json'), 'utf8'),
);
const IMAGENET = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
] as const;

/** What each case runs. The random classes are asked for what is certain: p of 1, or one place only. */
const RUNS: Record<string, (image: Image, ...given: Case['arguments']) => Image | TensorImage> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
  crop: (image, top, left, height, width) => crop(image, { top, left, height, width }),
  hflip: (image) => run(new RandomHorizontalFlip(1), image),
  vflip: (image) => run(new RandomVerticalFlip(1), image),
  pad: (image, padding: number[], fill: number, paddingMode: PaddingMode) =>
    run(new Pad(padding.length === 1 ? padding[0]! : padding, { fill, paddingMode }), image),
  grayscale: (image, count) => run(new Grayscale(count), image),
  Resize: (image, size, interpolation, maxSize) => run(new Resize(size, { interpolation, maxSize }), image),
  toTensor: (image) => run(new ToTensor(), image),
  normalize: (image) =>
    run(
      new Compose([
        new ToTensor(),
        image.channels === 3 ? new Normalize(...IMAGENET) : new Normalize([0.1307], [0.3081]),
      ]),
      image,
    ),
  erase: (image, top, left, height, width) => {
    const erasing = new RandomErasing({ value: 0.5 });
    erasing.draw = () => ({ top, left, height, width });
    return run(new Compose([new ToTensor(), erasing]), image);
  },
};

for (const name of new Set(fixtures.cases.map((each) => each.name))) {
  test(`${name} equals torchvision's, bit for bit`, () => {
    for (const { from, seed, arguments: given, sha256, shape, ...size } of fixtures.cases.filter(
      (each) => each.name === name,
    )) {
      const what = `${name}(${given}) of [${from}]`;
      const image = formulaImage(...from, seed);
      const before = image.data.slice();
      const made = RUNS[name]!(image, ...given);
      if ('shape' in made) assert.equal([...made.shape], shape, what);
      else assert.equal([made.width, made.height], [size.width, size.height], what);
      assert.is(hash(made.data), sha256, `${what}: values differ`);
      assert.equal(image.data, before, `${what}: the input was changed`);
    }
  });
}

test('adjustHue equals torchvision on a cube of colours', () => {
  const levels = [0, 1, 2, 63, 100, 127, 128, 200, 254, 255];
  const data = Uint8Array.from(levels.flatMap((r) => levels.flatMap((g) => levels.flatMap((b) => [r, g, b]))));
  for (const { factor, sha256 } of fixtures.hues) {
    assert.is(hash(adjustHue({ width: 100, height: 10, channels: 3, data }, factor).data), sha256, `${factor}`);
  }
});

test('transforms print as torchvision prints them', () => {
  const printed = [
    new Resize(256),
    new Resize([20, 30], { interpolation: 'bicubic' }),
    new CenterCrop(224),
    new Pad(4),
    new Pad([1, 2], { fill: 3, paddingMode: 'edge' }),
    new RandomCrop(32, { padding: 4 }),
    new RandomCrop([3, 4]),
    new RandomHorizontalFlip(),
    new RandomVerticalFlip(1),
    new RandomResizedCrop(224),
    new ColorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
    new ColorJitter({ hue: 0.5 }),
    new RandomRotation(15),
    new Grayscale(3),
    new RandomGrayscale(),
    new ToTensor(),
    new Normalize(...IMAGENET),
    new Compose([new Resize(256), new CenterCrop(224), new ToTensor()]),
    new RandomErasing(),
  ].map(String);
  // 0.14 has a parenthesis too many in this one
  assert.equal(
    printed,
    fixtures.printed.map((text) => text.replace('bilinear), antialias', 'bilinear, antialias')),
  );
});

const EVERYTHING = new Compose([
  new Resize(20, { interpolation: 'bicubic', maxSize: 30 }),
  new Pad([1, 2], { paddingMode: 'reflect' }),
  new RandomCrop([16, 18], { padding: 2, padIfNeeded: true, fill: [1, 2, 3] }),
  new RandomResizedCrop([15, 17], { scale: [0.2, 0.9] }),
  new RandomHorizontalFlip(),
  new RandomVerticalFlip(0.3),
  new ColorJitter({ brightness: 0.4, contrast: [0.2, 3], saturation: 0.9, hue: 0.3 }),
  new RandomRotation([-40, 70], { interpolation: 'bilinear', fill: 9, center: [3, 4] }),
  new RandomGrayscale(0.3),
  new CenterCrop([13, 14]),
  new ToTensor(),
  new Normalize(...IMAGENET),
  new RandomErasing({ value: 'random' }),
]);

test('a transform made again from its JSON does the same', () => {
  const again = transformFromJSON(JSON.parse(JSON.stringify(EVERYTHING)));
  assert.is(String(again), String(EVERYTHING));
  for (let index = 0; index < 20; index++) {
    const image = formulaImage(19, 31, 3, index);
    assert.equal(again.call(image, sampleRandom(1, 2, index)), EVERYTHING.call(image, sampleRandom(1, 2, index)));
  }
});

test('samples and epochs draw for themselves, and a seed repeats them', () => {
  const image = formulaImage(24, 24, 3, 5);
  const made = (seed: number, epoch: number, index: number) =>
    hash((EVERYTHING.call(image, sampleRandom(seed, epoch, index)) as TensorImage).data);
  const hashes = [0, 1, 2].flatMap((seed) => [0, 1].flatMap((epoch) => [0, 1, 2].map((i) => made(seed, epoch, i))));
  assert.is(new Set(hashes).size, hashes.length);
  assert.is(made(1, 1, 2), hashes[11]);
});

test('RandomCrop takes every place, and none outside', () => {
  const random = new Random(3);
  const transform = new RandomCrop([4, 5], { padding: [1, 0] });
  const counts = new Map<string, number>();
  for (let i = 0; i < 2400; i++) {
    const { top, left } = transform.draw(random, { height: 6, width: 6 });
    counts.set(`${top},${left}`, (counts.get(`${top},${left}`) ?? 0) + 1);
  }
  assert.is(counts.size, 3 * 4);
  for (const count of counts.values()) assert.ok(count > 140 && count < 260, `${count} of 2400 in 12 places`);
  const image = formulaImage(6, 6, 3, 1);
  const { top, left } = transform.draw(new Random(8), image);
  const expected = crop(run(new Pad([1, 0]), image) as Image, { top, left, height: 4, width: 5 });
  assert.equal(transform.call(image, new Random(8)), expected);
});

test('RandomCrop pads what is too small, by what is missing on both sides, as torchvision', () => {
  const made = run(new RandomCrop(6, { padIfNeeded: true, fill: 255 }), formulaImage(2, 9, 1, 1)) as Image;
  assert.equal([made.width, made.height], [6, 6]);
  const places = Array.from({ length: 200 }, (_, i) =>
    new RandomCrop(6, { padIfNeeded: true }).draw(new Random(i), { height: 2, width: 9 }),
  );
  assert.is(Math.max(...places.map(({ top }) => top)), 4);
  assert.is(Math.max(...places.map(({ left }) => left)), 3);
});

test('RandomResizedCrop stays within area, proportions and image', () => {
  const random = new Random(5);
  const transform = new RandomResizedCrop(8, { scale: [0.1, 0.5], ratio: [0.5, 2] });
  const shares: number[] = [];
  for (let i = 0; i < 500; i++) {
    const { top, left, height, width } = transform.draw(random, { height: 90, width: 120 });
    assert.ok(top >= 0 && left >= 0 && top + height <= 90 && left + width <= 120);
    assert.ok(width / height > 0.47 && width / height < 2.1, `${width}x${height}`);
    shares.push((width * height) / (90 * 120));
  }
  const mean = shares.reduce((sum, share) => sum + share) / shares.length;
  assert.ok(Math.min(...shares) > 0.095 && Math.max(...shares) < 0.51 && Math.abs(mean - 0.3) < 0.03, `${mean}`);
});

test('RandomResizedCrop falls back to the middle where no try fits', () => {
  const wide = new RandomResizedCrop(8, { scale: [1, 1], ratio: [3 / 4, 4 / 3] });
  assert.equal(wide.draw(new Random(1), { height: 30, width: 90 }), { top: 0, left: 25, height: 30, width: 40 });
  assert.equal(wide.draw(new Random(1), { height: 90, width: 30 }), { top: 25, left: 0, height: 40, width: 30 });
});

test('probabilities of 0 and 1 are certain, others are met', () => {
  const image = formulaImage(5, 6, 3, 2);
  assert.is(run(new RandomHorizontalFlip(0), image), image);
  assert.equal(run(new RandomHorizontalFlip(1), image), horizontalFlip(image));
  assert.equal(run(new RandomVerticalFlip(1), image), verticalFlip(image));
  const tensor = run(new ToTensor(), image);
  assert.is(run(new RandomErasing({ p: 0 }), tensor), tensor);
  const random = new Random(4);
  const count = Array.from({ length: 2000 }, () => new RandomGrayscale(0.3).draw(random)).filter(Boolean).length;
  assert.ok(count > 520 && count < 680, `${count} of 2000`);
});

test('ColorJitter draws each order and stays within its ranges', () => {
  const random = new Random(6);
  const transform = new ColorJitter({ brightness: 2, contrast: [0.5, 0.6], hue: 0.2 });
  const orders = new Set<string>();
  for (let i = 0; i < 600; i++) {
    const { order, brightness, contrast, saturation, hue } = transform.draw(random);
    orders.add(order.join());
    assert.ok(brightness! >= 0 && brightness! <= 3);
    assert.ok(contrast! >= 0.5 && contrast! <= 0.6);
    assert.is(saturation, null);
    assert.ok(Math.abs(hue!) <= 0.2);
  }
  assert.is(orders.size, 24);
});

test('RandomErasing writes numbers, channels or noise into a rectangle', () => {
  const tensor = run(new ToTensor(), formulaImage(12, 10, 3, 3)) as TensorImage;
  for (const value of [7, [4, 5, 6], 'random'] as const) {
    const transform = new RandomErasing({ p: 1, value });
    const { top, left, height, width } = transform.draw(new Random(9), { height: 12, width: 10 })!;
    const { data } = transform.call(tensor, new Random(9));
    for (let i = 0; i < data.length; i++) {
      const [c, y, x] = [Math.floor(i / 120), Math.floor(i / 10) % 12, i % 10];
      const isErased = y >= top && y < top + height && x >= left && x < left + width;
      if (!isErased) assert.is(data[i], tensor.data[i]);
      else if (value === 'random') assert.ok(data[i] !== tensor.data[i] && Math.abs(data[i]!) < 6);
      else assert.is(data[i], typeof value === 'number' ? value : value[c]);
    }
  }
});

test('arguments and inputs that make no sense are refused by name', () => {
  const image = formulaImage(4, 5, 3, 0);
  const tensor = run(new ToTensor(), image);
  const cases: [attempt: () => unknown, message: string][] = [
    [() => new Resize(0), 'Resize: a size is a positive integer'],
    [() => new Resize(8, { maxSize: 8 }), 'Resize: maxSize is an integer above a size of one number, given 8 and 8'],
    [() => new Resize(8, { interpolation: 'cubic' as 'bicubic' }), 'is one of nearest, box, bilinear'],
    [() => new CenterCrop([3, Number.NaN]), 'CenterCrop: a size'],
    [() => new Pad([1, 2, 3]), 'Pad: padding is an integer, or 2 or 4 of them, given 1,2,3'],
    [() => new Pad(1, { fill: 256 }), 'Pad: fill is a level 0 to 255'],
    [() => new Pad(1, { paddingMode: 'wrap' as 'edge' }), 'one of constant, edge, reflect, symmetric, given wrap'],
    [() => run(new Pad(-3), image), 'pad: [-3,-3,-3,-3] around 4x5 pixels makes -2x-1'],
    [() => run(new Pad(2 ** 20), image), 'expected 1 to 2^28 pixels'],
    [() => run(new RandomCrop(6), image), 'RandomCrop: cannot cut 6x6 from 4x5 pixels; pad, or set padIfNeeded'],
    [() => new RandomHorizontalFlip(1.5), 'RandomHorizontalFlip: p is a probability, 0 to 1, given 1.5'],
    [() => new RandomGrayscale(Number.NaN), 'RandomGrayscale: p'],
    [() => new RandomResizedCrop(8, { scale: [0.5, 0.1] }), 'RandomResizedCrop: scale is two numbers [least, most]'],
    [() => new RandomResizedCrop(8, { ratio: [0, 1] }), 'above 0 to Infinity, given [0,1]'],
    [() => new ColorJitter({ brightness: -1 }), 'ColorJitter: brightness is a number from 0'],
    [() => new ColorJitter({ hue: 0.6 }), 'ColorJitter: hue is two numbers [least, most] from -0.5 to 0.5'],
    [() => new RandomRotation(-4), 'RandomRotation: degrees'],
    [() => new Normalize([0, 0], [1]), 'Normalize: mean and std have an entry per channel, given 2 and 1'],
    [() => new Normalize([0], [0]), 'Normalize: std is positive, given [0]'],
    [() => run(new Normalize([0, 0], [1, 1]), tensor), 'Normalize: has 2 channels, but a tensor of [3, 4, 5] came in'],
    [
      () => run(new Normalize([0], [1]), image),
      'takes a tensor, but an image of 4x5 pixels came in; put ToTensor before',
    ],
    [() => run(new RandomCrop(2), tensor), 'takes an image, but a tensor of [3, 4, 5] came in; put it before ToTensor'],
    [() => new RandomErasing({ scale: [0.1, 2] }), 'RandomErasing: scale is two numbers [least, most] from 0 to 1'],
    [
      () => run(new RandomErasing({ p: 1, value: [1, 2] }), tensor),
      'RandomErasing: has 2 values for a tensor of [3, 4, 5]',
    ],
    [() => new Grayscale(2 as 1), 'Grayscale: numOutputChannels is 1 or 3, given 2'],
    [() => new Compose([new ToTensor(), undefined as unknown as Transform]), 'Compose: item 1 is no transform'],
    [() => transformFromJSON({ type: 'constructor' }), "no transform 'constructor': known are CenterCrop"],
    [() => transformFromJSON(null as never), "no transform 'undefined'"],
    [() => transformFromJSON({ type: 'Compose', transforms: 5 }), 'Compose: takes a list of transforms, given 5'],
    [() => transformFromJSON({ type: 'RandomCrop', size: 4, pading: 4 }), "RandomCrop: has no argument 'pading', only"],
    [() => transformFromJSON({ type: 'RandomCrop' }), 'RandomCrop: a size is a positive integer'],
    [() => transformFromJSON({ type: 'Normalize' }), 'an entry per channel, given undefined and undefined'],
    [() => transformFromJSON({ type: 'RandomRotation' }), 'RandomRotation: degrees is two numbers'],
    [() => transformFromJSON({ type: 'Pad' }), 'Pad: padding is an integer'],
    [() => transformFromJSON({ type: 'RandomGrayscale', p: '0.5' }), 'RandomGrayscale: p is a probability'],
    [() => new CenterCrop([1, 2, 3] as never), 'CenterCrop: a size is a positive integer'],
    [() => run(new CenterCrop(1e6), image), 'centerCrop: at most 268435456 pixels can be made'],
    [() => crop(image, { top: 0, left: 0, height: 1e6, width: 1e6 }), 'crop: at most 268435456 pixels can be made'],
    [() => adjustHue(image, 0.7), 'adjustHue: the factor lies in -0.5 to 0.5, given 0.7'],
    [() => adjustContrast(image, Number.NaN), 'adjustContrast: the factor is a number from 0, given NaN'],
  ];
  for (const [attempt, message] of cases) {
    assert.throws(attempt, (error: Error) => error instanceof ShapeError && error.message.includes(message), message);
  }
});

test.run();

function run<In extends Image | TensorImage>(transform: Transform, x: In): Image | TensorImage {
  return transform.call(x, new Random(7));
}

function hash(data: Uint8Array | Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex')
    .slice(0, 16);
}
