// Heads, frozen layers, groups and cuts: all that is decided without a device.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dropout } from '../../engine/functional/random.ts';
import { flatten } from '../../engine/functional/shape.ts';
import { BatchNorm2d } from '../../engine/nn/batchNorm2d.ts';
import { Conv2d } from '../../engine/nn/conv2d.ts';
import { Dropout } from '../../engine/nn/dropout.ts';
import { Linear, Module, Sequential } from '../../engine/nn/index.ts';
import { print } from '../../engine/nn/print.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { createModel, modelEntries, modelEntry } from '../../models/index.ts';
import { findCut } from '../../training/fineTune/featureCut.ts';
import { trainUnfrozen } from '../../training/fineTune/freeze.ts';
import { freezeLayers, freezeReport, groupRates, layerGroups, replaceHead } from '../../training/index.ts';

const test = suite('fine-tuning: layers');

test("the freeze report of AlexNet is the chapter's listing, line by line", () => {
  const model = createModel('alexnet');
  replaceHead(model, modelEntry('alexnet'), 10);
  freezeLayers(model, 'backbone', 'classifier.6');
  assert.equal(freezeReport(model), [
    'features',
    'features 0 Conv2d(3, 64, kernel_size=(11, 11), stride=(4, 4), padding=(2, 2)) was frozen!',
    'features 1 ReLU(inplace=True) was frozen!',
    'features 2 MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False) was frozen!',
    'features 3 Conv2d(64, 192, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2)) was frozen!',
    'features 4 ReLU(inplace=True) was frozen!',
    'features 5 MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False) was frozen!',
    'features 6 Conv2d(192, 384, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)) was frozen!',
    'features 7 ReLU(inplace=True) was frozen!',
    'features 8 Conv2d(384, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)) was frozen!',
    'features 9 ReLU(inplace=True) was frozen!',
    'features 10 Conv2d(256, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)) was frozen!',
    'features 11 ReLU(inplace=True) was frozen!',
    'features 12 MaxPool2d(kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=False) was frozen!',
    'avgpool',
    'classifier',
    'classifier 0 Dropout(p=0.5, inplace=False) was frozen!',
    'classifier 1 Linear(in_features=9216, out_features=4096, bias=True) was frozen!',
    'classifier 2 ReLU(inplace=True) was frozen!',
    'classifier 3 Dropout(p=0.5, inplace=False) was frozen!',
    'classifier 4 Linear(in_features=4096, out_features=4096, bias=True) was frozen!',
    'classifier 5 ReLU(inplace=True) was frozen!',
    'classifier 6 Linear(in_features=4096, out_features=10, bias=True) was NOT frozen!',
  ]);
});

test('a head without children has a line for itself, and a block trained in part says so', () => {
  const model = createModel('resnet20');
  freezeLayers(model, 'until:layer3.2.conv2', 'linear');
  const lines = freezeReport(model);
  assert.ok(lines.includes('linear Linear(in_features=64, out_features=10, bias=True) was NOT frozen!'));
  assert.match(
    lines.find((line) => line.startsWith('layer3 2 '))!,
    /\) was NOT frozen! \(3 of its 6 parameters were not\)$/,
  );
  assert.match(lines.find((line) => line.startsWith('layer3 1 '))!, /\) was frozen!$/);
});

test('every model of the registry gets a head of its own kind, and nothing else changes', () => {
  for (const { name, head, create } of modelEntries()) {
    const model = create();
    const before = print(model.getSubmodule(head));
    const others = model.state().filter(([key]) => !key.startsWith(`${head}.`));
    replaceHead(model, { head }, 7);
    assert.is(model.getSubmodule(head).constructor.name, before.split('(')[0], name);
    assert.match(print(model.getSubmodule(head)), /(out_features=7|, 7, kernel_size)/, name);
    assert.equal(
      model
        .state()
        .filter(([key]) => !key.startsWith(`${head}.`))
        .map(([, own]) => own === undefined),
      others.map(([, own]) => own === undefined),
    );
  }
});

test("SqueezeNet's new head starts as torchvision's, NiN's whole block is replaced, GoogLeNet loses its auxiliary heads", async () => {
  const squeezenet = createModel('squeezenet1_1');
  const head = replaceHead(squeezenet, modelEntry('squeezenet1_1'), 10) as Conv2d;
  assert.equal(
    [head.weight.initialiser, head.bias!.initialiser],
    [
      { kind: 'normal', mean: 0, std: 0.01 },
      { kind: 'constant', value: 0 },
    ],
  );
  const block = replaceHead(createModel('nin'), modelEntry('nin'), 10);
  assert.equal(
    block.parameters().map(({ shape }) => shape),
    [[10, 384, 3, 3], [10], [10, 10, 1, 1], [10], [10, 10, 1, 1], [10]],
  );
  const googlenet = modelEntry('googlenet').create({ auxLogits: true });
  replaceHead(googlenet, modelEntry('googlenet'), 10);
  assert.not(googlenet.namedChildren().some(([name]) => name.startsWith('aux')));
});

test('a replaced head has memory at once where the model has, and the old one gives its own back', async () => {
  const device = await createDevice();
  const model = createModel('lenet5').to(device);
  const { tensors } = device.memory();
  replaceHead(model, modelEntry('lenet5'), 3, { seed: 1 });
  assert.is(device.memory().tensors, tensors);
  assert.is((await model.parameters().at(-1)!.data()).length, 3);
  model.dispose();
});

test('what is no head is refused with what it is', () => {
  const model = createModel('alexnet');
  assert.throws(
    () => replaceHead(model, { head: 'features.1' }, 10),
    /features\.1 is ReLU\(inplace=True\); a head is a Linear/,
  );
  assert.throws(() => replaceHead(model, { head: 'fc' }, 10), /no module 'fc'.*features, avgpool, classifier/);
  assert.throws(() => replaceHead(model, { head: 'classifier.6' }, 0), /positive integer, given 0/);
  assert.throws(() => replaceHead(model, { head: 'classifier.6' }, Number.NaN), /given NaN/);
});

test('layers are frozen up to a layer, and the head never is', () => {
  const model = createModel('resnet20');
  const trained = () =>
    model
      .namedParameters()
      .filter(([, { requiresGrad }]) => requiresGrad)
      .map(([name]) => name);
  freezeLayers(model, 'backbone', 'linear');
  assert.equal(trained(), ['linear.weight', 'linear.bias']);
  freezeLayers(model, 'until:layer3.2', 'linear');
  assert.equal(trained()[0], 'layer3.2.conv1.weight');
  freezeLayers(model, 'none', 'linear');
  assert.is(trained().length, model.parameters().length);
  assert.throws(
    () => freezeLayers(model, 'until:layer9', 'linear'),
    /no module 'layer9'.*layer1, layer2, layer3, linear/,
  );
  assert.throws(() => freezeLayers(model, 'until:', 'linear'), /backbone, none or until:LAYER/);
  assert.throws(() => freezeLayers(model, 'all' as 'none', 'linear'), /backbone, none or until:LAYER/);
  assert.throws(
    () => freezeLayers(createModel('squeezenet1_1'), 'until:classifier.3', 'classifier.1'),
    /behind the head/,
  );
});

test('groups run from the image to the head, batch norms with what they follow, and every parameter is in one', () => {
  const model = createModel('resnet18');
  const groups = layerGroups(model, 'fc');
  assert.equal(
    groups.map(({ name }) => name),
    ['conv1', 'layer1.0', 'layer1.1', 'layer2.0', 'layer2.1', 'layer3.0', 'layer3.1', 'layer4.0', 'layer4.1', 'fc'],
  );
  for (const { name, head, create } of modelEntries()) {
    const each = create();
    const grouped = layerGroups(each, head);
    assert.is(grouped.at(-1)!.name, head);
    assert.equal(new Set(grouped.flatMap(({ parameters }) => parameters)), new Set(each.parameters()), name);
  }
});

test('rates decay from the head to the image, or are said for groups by name', () => {
  const groups = layerGroups(createModel('lenet5'), 'fc3');
  const near = (found: number[], wanted: number[]) =>
    assert.ok(
      found.every((rate, i) => Math.abs(rate - wanted[i]) < 1e-12),
      `${found} is not ${wanted}`,
    );
  near(groupRates(groups, { lr: 1, lrDecay: 0.5 }), [0.0625, 0.125, 0.25, 0.5, 1]);
  near(groupRates(groups, { lr: 1, rates: { conv1: 0.1, fc1: 0.3 } }), [0.1, 1, 0.3, 1, 1]);
  assert.throws(() => groupRates(groups, { lr: 1, rates: { conv: 1 } }), /begins with 'conv'; there are conv1, conv2/);
});

test('a model is cut behind its frozen layers, never inside a block that reads around the cut', () => {
  const model = createModel('resnet20');
  const cutAt = (freeze: 'backbone' | `until:${string}`, mode: 'eval' | 'train' = 'eval') => {
    trainUnfrozen(model, freezeLayers(model, freeze, 'linear'), mode);
    const cut = findCut(model, [3, 32, 32]);
    return typeof cut === 'string' ? cut : cut.module;
  };
  assert.is(cutAt('backbone'), 'linear');
  assert.is(cutAt('until:layer3.1'), 'layer3.1');
  assert.is(cutAt('until:layer3.1.conv2'), 'layer3.1'); // its shortcut reads what enters the block
  assert.match(cutAt('until:conv1'), /^nothing lies before the first layer that is trained/);
  assert.is(cutAt('backbone', 'train'), 'bn1'); // statistics of the batch from there on
  const counts = model.state().filter(([name]) => name.endsWith('num_batches_tracked'));
  assert.ok(counts.length && counts.every(([, counter]) => (counter as unknown as { value: number }).value === 0));
});

test('dropout in frozen layers ends what can be kept, whether a module or a function does it', () => {
  class Noisy extends Module {
    readonly body = new Sequential({ first: new Linear(12, 8), second: new Linear(8, 8) });
    readonly head = new Linear(8, 2);
    protected override forward(x: Tensor): Tensor {
      return this.head.call(dropout(this.body.call(flatten(x, 1)), 0.5, { training: this.training }));
    }
  }
  const noisy = new Noisy();
  freezeLayers(noisy, 'backbone', 'head');
  assert.is((findCut(noisy, [3, 2, 2]) as { module: string }).module, 'body.second');
  const model = new Sequential(new Conv2d(3, 4, 1), new Dropout(), new BatchNorm2d(4), new Conv2d(4, 2, 1));
  freezeLayers(model, 'backbone', '3');
  assert.is((findCut(model, [3, 2, 2]) as { module: string }).module, '1');
  const still = new Sequential(new Conv2d(3, 4, 1), new Dropout(0), new Conv2d(4, 2, 1));
  freezeLayers(still, 'backbone', '2');
  assert.is((findCut(still, [3, 2, 2]) as { module: string }).module, '2');
});

test('a model whose later layers read earlier activations has no cut', () => {
  class Skipping extends Module {
    readonly first = new Conv2d(3, 4, 1);
    readonly second = new Conv2d(4, 4, 1);
    readonly head = new Conv2d(4, 2, 1);
    protected override forward(x: Tensor): Tensor {
      const y = this.first.call(x);
      return flatten(this.head.call(this.second.call(y)).add(this.head.call(y)), 1);
    }
  }
  const model = new Skipping();
  freezeLayers(model, 'backbone', 'head');
  assert.match(findCut(model, [3, 2, 2]) as string, /or is read around it/);
});

test.run();
