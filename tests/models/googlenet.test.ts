// GoogLeNet in both forms: sizes, names and shapes against torchvision's, its auxiliary heads, its inputs, and the
// 5x5 kernels of exercise 5.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Conv2d } from '../../engine/nn/conv2d.ts';
import { kaimingNormal } from '../../engine/nn/init.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { shapeTensor } from '../../engine/shapeTensor.ts';
import { Tensor } from '../../engine/tensor.ts';
import { spec } from '../../kernels/definition.ts';
import { DisposedError, ShapeError } from '../../kernels/errors.ts';
import { GOOGLENET_ENTRIES, GoogLeNet, type GoogLeNetOutput, googlenetLoss } from '../../models/googlenet.ts';
import { ResNetCifar } from '../../models/resnetCifar.ts';
import { widenThirdBranch } from '../../models/widenThirdBranch.ts';
import { parameterCount, shapesAt, stateDigest } from './facts.ts';

const device = await createDevice();
const test = suite('googlenet');
const [googlenet, googlenetPaper] = GOOGLENET_ENTRIES;
const landmarks = ['maxpool1', 'maxpool2', 'inception3b', 'inception4d', 'inception5b', 'fc'];

test("torchvision's parameters, names and shapes, with and without auxiliary heads", () => {
  const [without, withHeads] = [googlenet.create(), googlenet.create({ auxLogits: true })];
  assert.is(parameterCount(without), 6_624_904);
  assert.is(parameterCount(withHeads), 13_004_888);
  // digests from torchvision 0.14.1, see facts.ts
  assert.is(stateDigest(without), 'f40da71d564c46b6');
  assert.is(stateDigest(withHeads), '55ba04f74155a6f2');
});

test("the paper's 5x5 kernels add 380,928 weights", () => {
  assert.is(parameterCount(googlenetPaper.create()), 7_005_832);
  assert.is(parameterCount(googlenetPaper.create({ auxLogits: true })), 13_385_816);
});

test('every stage has the shape it has in torchvision, at any size', () => {
  const model = new GoogLeNet({ numClasses: 10 });
  assert.equal(shapesAt(model, [1, 3, 224, 224], landmarks), {
    maxpool1: [1, 64, 56, 56],
    maxpool2: [1, 192, 28, 28],
    inception3b: [1, 480, 28, 28],
    inception4d: [1, 528, 14, 14],
    inception5b: [1, 1024, 7, 7],
    fc: [1, 10],
  });
  assert.equal(shapesAt(model, [2, 3, 97, 61], landmarks), {
    maxpool1: [2, 64, 24, 15],
    maxpool2: [2, 192, 12, 7],
    inception3b: [2, 480, 12, 7],
    inception4d: [2, 528, 6, 3],
    inception5b: [2, 1024, 3, 2],
    fc: [2, 10],
  });
  const paper = new GoogLeNet({ form: 'paper', inChannels: 1 });
  assert.equal(shapesAt(paper, [1, 1, 224, 224], ['inception4e', 'maxpool4', 'inception5b']), {
    inception4e: [1, 832, 14, 14],
    maxpool4: [1, 832, 7, 7],
    inception5b: [1, 1024, 7, 7],
  });
});

test('the smallest images run, and smaller ones are refused by the model', () => {
  for (const [{ create, name, minSize }, expected] of [
    [googlenet, 15],
    [googlenetPaper, 31],
  ] as const) {
    assert.is(minSize, expected, name);
    const model = create().eval();
    assert.equal(shapesAt(model, [1, 3, minSize, minSize], ['inception5b']), { inception5b: [1, 1024, 1, 1] });
    assert.throws(
      () => model.call(shapeTensor(spec([1, 3, minSize - 1, 224]))),
      (error: Error) => error instanceof ShapeError && error.message.includes(`at least ${minSize}`),
    );
  }
});

test('transformInput takes ImageNet normalisation to mean and deviation 0.5', async () => {
  const model = new GoogLeNet({ numClasses: 2, transformInput: true }).to(device).eval();
  using _scope = device.scope();
  const x = images(1, 15);
  let seen: Tensor | undefined;
  model.conv1.registerForwardPreHook((_, [input]) => {
    seen = input;
    return undefined;
  });
  model.call(x);
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const expected = [...(await x.data())].map((value, i) => {
    const c = Math.floor(i / 225);
    return (value * std[c] + mean[c] - 0.5) / 0.5;
  });
  assert.ok(furthest(await seen!.data(), expected) < 1e-6);
  assert.throws(
    () => new GoogLeNet({ transformInput: true, inChannels: 1 }),
    (error: Error) => error instanceof ShapeError && /given inChannels 1/.test(error.message),
  );
  model.dispose();
});

test('auxiliary heads speak in training only, and count 0.3 each in the loss', async () => {
  const model = new GoogLeNet({ numClasses: 5, auxLogits: true }).to(device);
  using _scope = device.scope();
  const x = images(2, 64);
  const labels = device.tensor(Uint32Array.of(3, 1));
  const output = model.call(x) as GoogLeNetOutput;
  const parts: number[] = [];
  for (const logits of [output.logits, output.aux1, output.aux2]) {
    assert.equal(logits.shape, [2, 5]);
    parts.push(await googlenetLoss(logits, labels).item());
  }
  const loss = googlenetLoss(output, labels);
  const expected = parts[0] + 0.3 * parts[1] + 0.3 * parts[2];
  assert.ok(Math.abs((await loss.item()) - expected) < 1e-5);
  assert.is.not(parts[1], parts[2]);

  loss.backward();
  for (const [name, { grad }] of model.namedParameters()) {
    const values = [...(await grad!.data())];
    assert.ok(values.every(Number.isFinite) && values.some((value) => value !== 0), name);
  }
  assert.instance(model.eval().call(x), Tensor);
  model.dispose();
});

test('a model with heads loads strictly and drops them, memory and all', async () => {
  const trained = new GoogLeNet({ numClasses: 3, auxLogits: true }).to(device);
  const model = new GoogLeNet({ numClasses: 3, auxLogits: true }).to(device, { seed: 1 });
  model.loadStateDict(await trained.stateDict());
  const { tensors, bytes } = device.memory();
  const heads = [model.aux1!, model.aux2!].flatMap((head) => [...head.namedParameters(), ...head.namedBuffers()]);
  assert.is(model.dropAuxiliary(), model);
  assert.is(device.memory().tensors, tensors - heads.length);
  assert.ok(bytes - device.memory().bytes >= heads.reduce((sum, [, { size }]) => sum + 4 * size, 0));
  assert.is(stateDigest(model), stateDigest(new GoogLeNet({ numClasses: 3 })));
  using _scope = device.scope();
  assert.instance(model.train().call(images(2, 32)), Tensor);
  trained.dispose();
  model.dispose();
});

test('widened third branches give the same logits, and their rings learn', async () => {
  const model = new GoogLeNet({ numClasses: 10, dropout: 0 });
  // the usual first values fade on the way through 20 layers and would leave the last bias alone
  model.apply((module) => {
    if (module instanceof Conv2d) kaimingNormal(module.weight, { nonlinearity: 'relu' });
  });
  model.to(device).eval();
  using _scope = device.scope();
  const x = images(2, 64);
  const narrow = await (model.call(x) as Tensor).data();
  assert.is(await widenThirdBranch(model), 9);
  assert.is(await widenThirdBranch(model), 0);
  assert.is(parameterCount(model), parameterCount(new GoogLeNet({ numClasses: 10, form: 'paper' })));
  const wide = await (model.call(x) as Tensor).data();
  const largest = Math.max(...narrow.map(Math.abs));
  assert.ok(largest > 0.1, `logits up to ${largest}`);
  assert.ok(furthest(wide, narrow) <= 1e-5 * largest, `${furthest(wide, narrow)} of ${largest}`);

  googlenetLoss(model.call(x), device.tensor(Uint32Array.of(3, 1))).backward();
  const weight = thirdKernel(model.inception3a).weight;
  assert.equal(weight.shape, [32, 16, 5, 5]);
  const [values, gradient] = [await weight.data(), await weight.grad!.data()];
  const corner = (data: ArrayLike<number>) => Array.from({ length: 32 * 16 }, (_, i) => data[i * 25]);
  assert.ok(corner(values).every((value) => value === 0));
  assert.ok(corner(gradient).some((value) => value !== 0));
  model.dispose();
});

test('widening refuses models without inception blocks, and those on no device', async () => {
  for (const [model, kind, message] of [
    [new ResNetCifar(20), ShapeError, /ResNetCifar has no inception blocks/],
    [new GoogLeNet(), DisposedError, /call model.to\(device\) first/],
  ] as const) {
    const error = await widenThirdBranch(model).catch((caught: unknown) => caught);
    assert.instance(error, kind);
    assert.match((error as Error).message, message);
  }
});

test.run();

function images(n: number, size: number): Tensor {
  const values = Float32Array.from({ length: n * 3 * size * size }, (_, i) => Math.sin(i * i));
  return device.tensor(values, [n, 3, size, size]);
}

function thirdKernel({ branch3 }: GoogLeNet['inception3a']): Conv2d {
  const [, layer] = branch3.layers();
  return layer.children()[0] as Conv2d;
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}
