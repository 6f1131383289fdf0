// The residual networks: sizes, names and shapes against PyTorch's, first values, and the shortcuts without weights.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Conv2d } from '../../engine/nn/conv2d.ts';
import { Linear } from '../../engine/nn/linear.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { shapeTensor } from '../../engine/shapeTensor.ts';
import { spec } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { INCEPTION_RESNET_ENTRIES, InceptionResNet } from '../../models/inceptionResnet.ts';
import { BasicBlock, Bottleneck, RESNET_ENTRIES, ResNet } from '../../models/resnet.ts';
import { OptionAShortcut, RESNET_CIFAR_ENTRIES, ResNetCifar } from '../../models/resnetCifar.ts';
import { parameterCount, shapesAt, stateDigest } from './facts.ts';

const device = await createDevice();
const test = suite('residual networks');
const built = (name: string): AnyModule =>
  [...RESNET_ENTRIES, ...RESNET_CIFAR_ENTRIES, ...INCEPTION_RESNET_ENTRIES]
    .find((entry) => entry.name === name)!
    .create();
const stages = ['layer1', 'layer2', 'layer3', 'layer4'];

// digests from torchvision 0.14.1, see facts.ts
for (const [name, parameters, digest] of [
  ['resnet18', 11_689_512, '02568eab318c210f'],
  ['resnet34', 21_797_672, 'bf4f10c2aed38014'],
  ['resnet50', 25_557_032, '45c8e0b2d327f1cd'],
  ['resnet101', 44_549_160, 'b10771e22bd494eb'],
  ['resnet152', 60_192_808, '07011cff596aabda'],
] as const) {
  test(`${name} has torchvision's parameters, names and shapes`, () => {
    const model = built(name);
    assert.is(parameterCount(model), parameters);
    assert.is(stateDigest(model), digest);
  });
}

// digests of the tensors in the published files, which hold no counters
for (const [name, parameters, digest] of [
  ['resnet20', 269_722, '47ea23cae344f88d'],
  ['resnet32', 464_154, '2e0a6503144ddd82'],
  ['resnet44', 658_586, '97d83e2c94bcbf45'],
  ['resnet56', 853_018, 'b9a215fca08189dc'],
] as const) {
  test(`${name} has the parameters, names and shapes of its published file`, () => {
    const model = built(name);
    assert.is(parameterCount(model), parameters);
    assert.is(stateDigest(model, { counters: false }), digest);
  });
}

test('resnet110 has the 1.7 million parameters of the paper', () => {
  assert.is(parameterCount(built('resnet110')), 1_727_962);
});

test('every stage of ResNet-18 has the shape it has in torchvision, at any size', () => {
  const model = built('resnet18');
  assert.equal(shapesAt(model, [1, 3, 224, 224], ['maxpool', ...stages, 'fc']), {
    maxpool: [1, 64, 56, 56],
    layer1: [1, 64, 56, 56],
    layer2: [1, 128, 28, 28],
    layer3: [1, 256, 14, 14],
    layer4: [1, 512, 7, 7],
    fc: [1, 1000],
  });
  assert.equal(shapesAt(model, [2, 3, 97, 61], ['maxpool', ...stages]), {
    maxpool: [2, 64, 25, 16],
    layer1: [2, 64, 25, 16],
    layer2: [2, 128, 13, 8],
    layer3: [2, 256, 7, 4],
    layer4: [2, 512, 4, 2],
  });
  assert.equal(shapesAt(model, [1, 3, 1, 1], ['layer4', 'fc']), { layer4: [1, 512, 1, 1], fc: [1, 1000] });
});

test('a Bottleneck strides in its 3x3 convolution', () => {
  const names = ['layer2.0.conv1', 'layer2.0.conv2', 'layer2.0.downsample', 'layer4'];
  assert.equal(shapesAt(built('resnet50'), [1, 3, 224, 224], names), {
    'layer2.0.conv1': [1, 128, 56, 56],
    'layer2.0.conv2': [1, 128, 28, 28],
    'layer2.0.downsample': [1, 512, 28, 28],
    layer4: [1, 2048, 7, 7],
  });
});

test('the networks for 32x32 images end at 8x8, and take other sizes', () => {
  const cifar = new ResNetCifar(20, { numClasses: 100, inChannels: 1 });
  assert.equal(shapesAt(cifar, [1, 1, 32, 32], ['layer1', 'layer2', 'layer3', 'linear']), {
    layer1: [1, 16, 32, 32],
    layer2: [1, 32, 16, 16],
    layer3: [1, 64, 8, 8],
    linear: [1, 100],
  });
  assert.equal(shapesAt(cifar, [1, 1, 29, 45], ['layer2', 'layer3']), {
    layer2: [1, 32, 15, 23],
    layer3: [1, 64, 8, 12],
  });
  const inception = new InceptionResNet({ numClasses: 7 });
  assert.equal(shapesAt(inception, [1, 3, 32, 32], ['block1', 'block2', 'block3', 'fc']), {
    block1: [1, 48, 16, 16],
    block2: [1, 96, 8, 8],
    block3: [1, 192, 4, 4],
    fc: [1, 7],
  });
  assert.equal(shapesAt(inception, [1, 3, 1, 3], ['block3']), { block3: [1, 192, 1, 1] });
});

test('inception_resnet_small costs less than ResNet-20', () => {
  const model = built('inception_resnet_small');
  assert.is(parameterCount(model), 189_194);
  assert.ok(macs(model) < macs(built('resnet20')), String(macs(model)));
});

test('ResNet starts from fan-out normals, and its blocks from the identity when asked', () => {
  const initialiserOf = (model: AnyModule, name: string) =>
    model.namedParameters().find(([each]) => each === name)![1].initialiser;
  const plain = new ResNet(BasicBlock, [2, 2, 2, 2]);
  const std = Math.SQRT2 / Math.sqrt(64 * 7 * 7);
  assert.equal(initialiserOf(plain, 'conv1.weight'), { kind: 'normal', mean: 0, std });
  assert.equal(initialiserOf(plain, 'layer1.1.bn2.weight'), { kind: 'constant', value: 1 });
  const basic = new ResNet(BasicBlock, [1, 1, 1, 1], { zeroInitResidual: true });
  assert.equal(initialiserOf(basic, 'layer4.0.bn2.weight'), { kind: 'constant', value: 0 });
  assert.equal(initialiserOf(basic, 'layer4.0.bn1.weight'), { kind: 'constant', value: 1 });
  const bottleneck = new ResNet(Bottleneck, [1, 1, 1, 1], { zeroInitResidual: true });
  assert.equal(initialiserOf(bottleneck, 'layer4.0.bn3.weight'), { kind: 'constant', value: 0 });
  assert.equal(initialiserOf(bottleneck, 'layer4.0.downsample.1.weight'), { kind: 'constant', value: 1 });
  const cifar = new ResNetCifar(20);
  assert.equal(initialiserOf(cifar, 'conv1.weight'), {
    kind: 'normal',
    mean: 0,
    std: Math.SQRT2 / Math.sqrt(3 * 3 * 3),
  });
});

test('option A picks every second pixel and puts the planes in the middle of zeros', async () => {
  const [c, h, w] = [4, 5, 7];
  const x = device.tensor(
    Float32Array.from({ length: 2 * c * h * w }, (_, i) => Math.sin(i)),
    [2, c, h, w],
  );
  const y = new OptionAShortcut(4, 2).call(x);
  assert.equal(y.shape, [2, 8, 3, 4]);
  const [given, got] = [await x.data(), await y.data()];
  const expected = Array.from({ length: got.length }, (_, i) => {
    const [n, plane, row, column] = [Math.floor(i / 96), Math.floor(i / 12) % 8, Math.floor(i / 4) % 3, i % 4];
    const isOld = plane >= 2 && plane < 6;
    return isOld ? given[((n * c + plane - 2) * h + 2 * row) * w + 2 * column] : 0;
  });
  assert.equal([...got], expected);
  x.dispose();
  y.dispose();
});

test('a training step of each kind of block reaches every parameter', async () => {
  for (const model of [
    new ResNet(Bottleneck, [1, 1, 1, 1], { numClasses: 4 }),
    new ResNetCifar(8, { numClasses: 4 }),
    new InceptionResNet({ numClasses: 4 }),
  ]) {
    model.to(device);
    using _scope = device.scope();
    const x = device.tensor(
      Float32Array.from({ length: 2 * 3 * 33 * 33 }, (_, i) => Math.sin(i * i)),
      [2, 3, 33, 33],
    );
    const y = model.call(x);
    y.mul(y).sum().backward();
    for (const [name, { grad }] of model.namedParameters()) {
      const values = [...(await grad!.data())];
      assert.ok(values.every(Number.isFinite) && values.some((value) => value !== 0), name);
    }
    model.dispose();
  }
});

test('what does not fit is refused by name', () => {
  const refused = (run: () => unknown, message: RegExp) =>
    assert.throws(run, (error: Error) => error instanceof ShapeError && message.test(error.message));
  refused(() => new ResNetCifar(21), /depth must be 6n \+ 2 .*given 21/);
  refused(() => built('resnet18').call(shapeTensor(spec([1, 1, 64, 64]))), /ResNet: images must be \[n, 3, h, w\]/);
  refused(() => built('resnet20').call(shapeTensor(spec([3, 32, 32]))), /ResNetCifar: images must be/);
  refused(() => RESNET_ENTRIES[0].create({ auxLogits: true }), /resnet18 has no option auxLogits/);
  refused(() => RESNET_CIFAR_ENTRIES[0].create({ dropout: 0.5 }), /resnet20 has no option dropout/);
});

test.run();

/** Multiply-accumulates of convolutions and linear layers for one 32x32 image. */
function macs(model: AnyModule): number {
  const layers = model.namedModules().filter(([, module]) => module instanceof Conv2d || module instanceof Linear);
  const names = layers.map(([name]) => name);
  const shapes = shapesAt(model, [1, 3, 32, 32], names);
  return layers.reduce((sum, [name, module]) => {
    const [, , height = 1, width = 1] = shapes[name];
    return sum + (module as Conv2d | Linear).weight.size * height * width;
  }, 0);
}
