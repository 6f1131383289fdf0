// Every model of the registry: sizes, names and shapes, without a device. Facts of torchvision and of published files
// are in tests/fixtures/modelKeys.json.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Conv2d } from '../../engine/nn/conv2d.ts';
import { Linear } from '../../engine/nn/linear.ts';
import { type AnyModule, Module } from '../../engine/nn/module.ts';
import { Counter } from '../../engine/nn/parameter.ts';
import { Sequential } from '../../engine/nn/sequential.ts';
import { shapeTensor } from '../../engine/shapeTensor.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { type Shape, spec } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { createModel, modelEntries, modelEntry } from '../../models/index.ts';
import { parameterCount, stateDigest } from './facts.ts';

const PARAMETERS: Readonly<Record<string, number>> = {
  lenet5: 61_706,
  lenet5_c5: 61_706,
  mnist_convnet: 376_870,
  alexnet: 61_100_840,
  alexnet_chapter: 62_378_344,
  vgg11: 132_863_336,
  vgg11_bn: 132_868_840,
  vgg13: 133_047_848,
  vgg13_bn: 133_053_736,
  vgg16_a: 133_638_952,
  vgg16_a_bn: 133_647_400, // and 2 for each of 4,224 channels
  vgg16: 138_357_544,
  vgg16_bn: 138_365_992,
  vgg19: 143_667_240,
  vgg19_bn: 143_678_248,
  nin: 7_439_608,
  googlenet: 6_624_904,
  googlenet_paper: 7_005_832,
  resnet18: 11_689_512,
  resnet34: 21_797_672,
  resnet50: 25_557_032,
  resnet101: 44_549_160,
  resnet152: 60_192_808,
  resnet20: 269_722,
  resnet32: 464_154,
  resnet44: 658_586,
  resnet56: 853_018,
  resnet110: 1_727_962,
  inception_resnet_small: 189_194,
  squeezenet1_0: 1_248_424,
  squeezenet1_1: 1_235_496,
  mobilenet_v1: 4_231_976,
  mobilenet_v1_075: 2_585_560,
  mobilenet_v1_050: 1_331_592,
  mobilenet_v1_025: 470_072,
};

interface Fixture {
  /** Digest of the state dict by torchvision's name of the model. */
  readonly torchvision: Readonly<Record<string, string>>;
  readonly minSizes: Readonly<Record<string, number>>;
  /** Digest of each published file by the name of our model. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Lines `key [shape]` of files that hold a part of a model. */
  readonly partial: Readonly<Record<string, readonly string[]>>;
}

const fixture: Fixture = JSON.parse(readFileSync(new URL('../fixtures/modelKeys.json', import.meta.url), 'utf8'));
const test = suite('models');

for (const entry of modelEntries()) {
  const { name, inputShape, minSize, maxSize, numClasses } = entry;
  const [channels] = inputShape;

  test(`${name} has ${PARAMETERS[name]?.toLocaleString('en-US')} parameters`, () => {
    assert.is(parameterCount(entry.create()), PARAMETERS[name]);
  });

  test(`${name} gives a logit per class at the smallest size, its own and an odd one`, () => {
    const model = entry.create();
    const largest = maxSize ?? 301;
    for (const size of [
      [minSize, minSize],
      [minSize, largest],
      inputShape.slice(1),
      [largest, Math.max(minSize, largest - 72)],
    ]) {
      assert.equal(outputShape(model, [2, channels, ...size]), [2, numClasses], `of ${size}`);
    }
  });

  test(`${name} refuses smaller and larger images, other channels and other ranks, by name`, () => {
    const model = entry.create();
    const refused: Shape[] = [
      [1, channels, minSize - 1, minSize],
      [1, channels, minSize, minSize - 1],
      [1, channels + 1, ...inputShape.slice(1)],
      inputShape,
    ];
    if (maxSize) refused.push([1, channels, minSize, maxSize + 1], [1, channels, maxSize + 1, minSize]);
    for (const shape of refused) {
      const told = [entry.family, `${minSize}`, `[${shape.join(', ')}]`];
      refuses(() => outputShape(model, shape), told);
    }
  });

  test(`${name} takes other classes and channels; only its head depends on the classes`, () => {
    const model = createModel(name, { numClasses: 7, inChannels: channels + 1 });
    assert.equal(outputShape(model, [1, channels + 1, ...inputShape.slice(1)]), [1, 7]);
    const other = shapesOf(createModel(name, { numClasses: 7 }));
    const changed = [...shapesOf(entry.create())].filter(([key, shape]) => other.get(key) !== shape);
    // its second batch norm acts on the logits
    const isHead = (key: string) =>
      key.startsWith(`${entry.head}.`) || (name === 'mnist_convnet' && key.startsWith('norm2.'));
    assert.ok(changed.length > 0);
    assert.equal(
      changed.filter(([key]) => !isHead(key)),
      [],
    );
  });

  test(`${name} refuses options that it has no use for, and values that are none`, () => {
    refuses(() => entry.create({ numClasses: 0 }), [name, 'numClasses', '0']);
    const useless = name.startsWith('mobilenet') ? { auxLogits: true } : { widthMultiplier: 0.5 };
    refuses(() => entry.create(useless), [name, ...Object.keys(useless)]);
  });

  test(`${name} names a paper, a layer and whole records of its weights`, () => {
    const { head, paper, weights, family } = entry;
    const model = entry.create();
    assert.is(model.constructor.name, family);
    const layer = new Map(model.namedModules()).get(head);
    assert.ok(layer instanceof Linear || layer instanceof Conv2d || layer instanceof Sequential, head);
    assert.ok(paper.title && paper.authors && paper.year > 1990);
    assert.match(paper.url, /^https:/);
    for (const { file, sha256, url, preprocessing, options } of weights) {
      assert.match(sha256, /^([0-9a-f]{8}|[0-9a-f]{64})$/);
      const digits = /-([0-9a-f]{8})\.\w+$/.exec(file)?.[1];
      if (digits) assert.is(sha256.slice(0, 8), digits);
      if (url) assert.ok(decodeURIComponent(url).endsWith(`/${file}`), url);
      assert.is(preprocessing.mean.length, channels);
      assert.is(preprocessing.std.length, channels);
      assert.ok(entry.create(options) instanceof Module);
    }
  });
}

for (const [name, digest] of Object.entries(fixture.torchvision)) {
  test(`${name} has torchvision's keys and shapes, in order`, () => {
    assert.is(stateDigest(createModel(name)), digest, `see: python3 tests/fixtures/modelKeys.py ${name}`);
  });
}

for (const [name, size] of Object.entries(fixture.minSizes)) {
  test(`${name} takes what torchvision's takes: ${size} pixels and more`, () => {
    assert.is(modelEntry(name).minSize, size);
  });
}

for (const [name, files] of Object.entries(fixture.files)) {
  for (const [file, digest] of Object.entries(files)) {
    test(`${name} has the keys and shapes of ${file}`, () => {
      assert.is(stateDigest(createModel(name)), digest);
      assert.ok(modelEntry(name).weights.some((weights) => weights.file === file));
    });
  }
}

test('lpips_squeeze.pt fills all of squeezenet1_1 but the classifier', () => {
  const weights = modelEntry('squeezenet1_1').weights.find(({ file }) => file === 'lpips_squeeze.pt');
  assert.ok(weights?.isPartial && weights.rename);
  const filled = fixture.partial['lpips_squeeze.pt'].flatMap((line) => {
    const [key, shape] = line.split(/ (?=\[)/);
    const renamed = weights.rename?.(key);
    return renamed === undefined ? [] : [`${renamed} ${shape}`];
  });
  const wanted = [...shapesOf(createModel('squeezenet1_1'))].map((entry) => entry.join(' '));
  assert.equal(filled.toSorted(), wanted.filter((line) => line.startsWith('features.')).toSorted());
});

for (const [name, field] of [
  ['vgg13', 'features'],
  ['vgg16_a', 'features'],
  ['nin', 'net'],
  ['alexnet', 'features'],
  ['squeezenet1_0', 'features'],
  ['squeezenet1_1', 'features'],
] as const) {
  test(`${name} could not take a pixel less`, () => {
    const { minSize } = modelEntry(name);
    const layers = Object.entries(createModel(name)).find(([key]) => key === field)?.[1] as AnyModule;
    assert.equal(outputShape(layers, [1, 3, minSize, minSize]).length > 1, true);
    assert.throws(() => outputShape(layers, [1, 3, minSize - 1, minSize]), isShapeError);
  });
}

test('a fine-tuned first layer decides about channels', () => {
  const model = createModel('alexnet');
  const features = new Map(model.namedModules()).get('features') as Sequential;
  features.replace(0, new Conv2d(1, 64, 11, { stride: 4, padding: 2 }));
  assert.equal(outputShape(model, [1, 1, 64, 64]), [1, 1000]);
});

test('a width multiplier scales MobileNet between its entries', () => {
  const quarter = createModel('mobilenet_v1', { widthMultiplier: 0.25 });
  assert.is(stateDigest(quarter), stateDigest(createModel('mobilenet_v1_025')));
});

function outputShape(model: AnyModule, shape: Shape): Shape {
  return (model.eval().call(shapeTensor(spec(shape))) as Tensor).shape;
}

/** `[64, 3, 11, 11]` by key. */
function shapesOf(model: AnyModule): Map<string, string> {
  return new Map(
    model.state().map(([key, value]) => [key, `[${value instanceof Counter ? '' : value.shape.join(', ')}]`]),
  );
}

function refuses(action: () => unknown, told: readonly string[]): void {
  try {
    action();
  } catch (error) {
    assert.ok(isShapeError(error), String(error));
    for (const part of told) assert.ok((error as Error).message.includes(part), `${error} does not say ${part}`);
    return;
  }
  assert.unreachable(`nothing refused what should be told by ${told.join(' ')}`);
}

function isShapeError(error: unknown): boolean {
  return error instanceof ShapeError;
}

test.run();
