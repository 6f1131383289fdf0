// The Classify page: its arithmetic against float64 in Node, and the page itself in a real Chromium, with good files and
// with bad ones. The pictures' classes come from Node, by the library's own path.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { classActivationMap } from '../../app/classify/classActivationMap.ts';
import { findPooledMap } from '../../app/classify/findPooledMap.ts';
import { heatPixels } from '../../app/classify/heatPixels.ts';
import { nearestModel } from '../../app/classify/nearestModel.ts';
import { occluded, occlusionPatches } from '../../app/classify/occlusion.ts';
import { suggestPreprocessing } from '../../app/classify/suggestPreprocessing.ts';
import type { Image } from '../../datasets/images/image.ts';
import { preprocess } from '../../datasets/images/preprocess.ts';
import { CIFAR10 } from '../../datasets/index.ts';
import { decodeImage } from '../../datasets/node/decodeImage.ts';
import { encodePng } from '../../datasets/node/encodePng.ts';
import { type StateDict, writeSafetensors } from '../../engine/index.ts';
import { extractFeatures, type Linear } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { createModel, modelEntries, modelEntry } from '../../models/index.ts';
import { formatProbability } from '../../training/report/sample.ts';
import { topClasses } from '../../training/topClasses.ts';
import { imageBytes } from '../datasets/imageFixtures.ts';
import { openApp } from './openApp.ts';
import { seriousViolations } from './seriousViolations.ts';

const test = suite('Classify page');
const device = await createDevice();
const random = seeded(7);
const { page, close } = await openApp({ route: '/classify' });
test.after(close);

test('a class-activation map is the weighted sum of the features, in float64', () => {
  const [channels, height, width, classes] = [5, 3, 4, 2];
  const data = Float32Array.from({ length: channels * height * width }, random);
  const weight = Float32Array.from({ length: classes * channels }, random);
  const bias = Float32Array.from({ length: classes }, random);
  for (let k = 0; k < classes; k++) {
    const map = classActivationMap({ data, shape: [channels, height, width] }, { weight, bias }, k);
    assert.equal([map.height, map.width], [height, width]);
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        let sum = bias[k]!;
        for (let c = 0; c < channels; c++) sum += weight[k * channels + c]! * data[(c * height + i) * width + j]!;
        assert.is(map.values[i * width + j], Math.fround(sum));
      }
    }
  }
  assert.throws(() => classActivationMap({ data, shape: [channels, height, width] }, { weight, bias }, 2), RangeError);
});

test("the mean of a class's map is the network's own logit, with a linear head and without", async () => {
  for (const [name, size, numClasses] of [
    ['resnet20', 32, 10],
    ['squeezenet1_1', 64, 7],
  ] as const) {
    const model = createModel(name, { numClasses }).to(device, { seed: 3 }).eval();
    const pooled = findPooledMap(model, [3, size, size])!;
    const image = Float32Array.from({ length: 3 * size * size }, random);
    const { '': logits, [pooled.layer]: features } = device.noGrad(() =>
      extractFeatures(model, device.tensor(image, [1, 3, size, size]), ['', pooled.layer]),
    );
    const [, c, h, w] = features!.shape as [number, number, number, number];
    const shape = [c, h, w] as const;
    const linear = pooled.head === undefined ? undefined : (model.getSubmodule(pooled.head) as Linear);
    const head = linear && {
      weight: (await linear.weight.data()) as Float32Array,
      bias: (await linear.bias!.data()) as Float32Array,
    };
    const data = (await features!.data()) as Float32Array;
    for (const [k, logit] of (await logits.data()).entries()) {
      const { values } = classActivationMap({ data, shape }, head, k);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      assert.ok(Math.abs(mean - logit) <= 1e-4 * (1 + Math.abs(logit)), `${name}: class ${k}: ${mean}, logit ${logit}`);
    }
    model.dispose();
  }
});

test('the pooled maps are found in the architectures that have global average pooling, and in no other', () => {
  const found = new Map<string, string>();
  for (const { name, family, inputShape, create } of modelEntries()) {
    const pooled = findPooledMap(create(), inputShape);
    const text = pooled ? `${pooled.layer} > ${pooled.head ?? 'logits'}` : 'none';
    assert.is(found.get(family) ?? text, text, `${name} unlike others of ${family}`);
    found.set(family, text);
  }
  assert.equal(Object.fromEntries(found), {
    ...{ LeNet5: 'none', LeNet5C5: 'none', MnistConvNet: 'none', AlexNet: 'none', AlexNetChapter: 'none', VGG: 'none' },
    ...{ NiN: 'net.9 > logits', GoogLeNet: 'inception5b > fc', ResNet: 'layer4 > fc', ResNetCifar: 'layer3 > linear' },
    ...{ InceptionResNet: 'block3 > fc', SqueezeNet: 'classifier.2 > logits', MobileNetV1: 'stage3 > fc' },
  });
});

test('occlusion covers the whole picture with patches twice as large as their cells', () => {
  const patches = occlusionPatches(28, 20, 4);
  assert.is(patches.length, 16);
  assert.equal(patches[0], { top: 0, left: 0, height: 11, width: 8 });
  assert.equal(patches[5], { top: 3, left: 2, height: 15, width: 11 });
  const picture = new Float32Array(2 * 28 * 20).fill(1);
  const left = picture.slice();
  for (const patch of patches) {
    const covered = occluded(picture, [2, 28, 20], patch);
    const zeros = covered.filter((value) => value === 0).length;
    assert.is(zeros, 2 * patch.height * patch.width);
    for (const [i, value] of covered.entries()) if (value === 0) left[i] = 0;
  }
  assert.ok(left.every((value) => value === 0));
  assert.is(occlusionPatches(2, 2, 10).length, 4); // no more cells than pixels
});

test('a heat map is clear where nothing speaks for the class and brightest at its maximum', () => {
  const rgba = heatPixels({ width: 3, height: 1, values: Float32Array.of(-5, 0, 2) });
  assert.equal([rgba[3], rgba[7]], [0, 0]);
  assert.equal([...rgba.subarray(8)], [252, 255, 164, 255]);
});

test('a file that fits no architecture is told the nearest and what differs', () => {
  const shapes = new Map(
    createModel('resnet20')
      .state()
      .map(([name, value]) => [name, { shape: 'shape' in value ? value.shape : [] }] as const),
  );
  shapes.delete('layer1.0.bn1.weight');
  shapes.set('linear.weight', { shape: [10, 65] });
  shapes.set('surplus', { shape: [3] });
  const text = nearestModel(shapes);
  assert.match(text, 'the nearest is resnet20 (95 of its 97 tensors agree)');
  for (const part of [
    'lacks layer1.0.bn1.weight [16]',
    'linear.weight is [10, 65]',
    'surplus [3] has no place in it',
  ]) {
    assert.match(text, part);
  }
  assert.match(nearestModel(new Map([['foo', { shape: [1] }]])), 'no tensor of it is of any model; it holds foo');
});

test('a small checkpoint and a picture give the classes that Node computes, and the map appears', async () => {
  await drop(page, checkpoint('made.safetensors', await weightsOf('resnet20')));
  await drop(page, picture('noise.png', noise(40, 32)));
  const expected = await expectedTop('resnet20', noise(40, 32));
  await page.getByText('noise.png', { exact: true }).waitFor();
  assert.equal(await shownClasses(page), expected);
  assert.match(await heatLabel(page), /with the map of .+ strongest at row \d of 8, column \d of 8/);
  const options = await page.locator('.explanation option').allTextContents();
  assert.equal([...options].sort(), [...CIFAR10.classes].sort());
  const layers = page.getByRole('region', { name: /Layers/ });
  const cells = await layers
    .getByRole('row', { name: /^linear/ })
    .locator('th, td')
    .allTextContents();
  assert.equal(cells, ['linear', 'Linear', '10', '650', '640']);
});

test('a JPEG is read as the library reads it in Node, by the decoder within the bundle', async () => {
  const file = imageBytes('420.jpg');
  await drop(page, picture('photo.jpg', file));
  await page.getByText('photo.jpg', { exact: true }).waitFor();
  assert.equal(await shownClasses(page), await expectedTop('resnet20', { image: await decodeImage(file), file }));
});

test('another class has another map', async () => {
  const before = await heat(page);
  await page.getByLabel('Class shown').selectOption({ index: 4 });
  await page.waitForFunction((old) => heatOf() !== old, before);
  assert.is.not(await heat(page), before);
});

test('hostile files end in a message, and the page still classifies', async () => {
  const whole = await weightsOf('resnet20');
  const bomb = hugePng(20_000);
  assert.ok(bomb.length < 100_000);
  for (const [file, message] of [
    [checkpoint('cut.safetensors', whole.subarray(0, whole.length / 2)), /FormatError: cut\.safetensors/],
    [checkpoint('evil.pth', Buffer.from("\x80\x02cposix\nsystem\n(S'echo'\ntR.", 'latin1')), /posix/],
    [checkpoint('empty.pt', Buffer.alloc(0)), /empty\.pt.*the file is empty/],
    [checkpoint('other.safetensors', otherModel()), /fits no architecture here; .*holds foo/],
    [picture('bomb.png', bomb), /bomb\.png: found 20000x20000 pixels, expected at most/],
    [picture('text.jpg', Buffer.from('This is no picture.')), /text\.jpg.*cannot decode/],
    [picture('cut.jpg', imageBytes('420.jpg').subarray(0, 500)), /cut\.jpg/],
    [picture('cut.png', noise(8, 8).file.subarray(0, 60)), /cut\.png.*truncated/],
    [{ name: 'few.txt', mimeType: 'text/plain', buffer: Buffer.from('a\nb\n') }, /few\.txt: has 2 lines/],
  ] as const) {
    await drop(page, file);
    const alert = page.getByRole('alert');
    await alert.filter({ hasText: message }).waitFor({ timeout: 20_000 });
    const other = `after-${file.name}.png`;
    await drop(page, picture(other, noise(32, 32)));
    await page.getByText(other, { exact: true }).waitFor();
    assert.is(await alert.count(), 0);
    assert.is((await shownClasses(page)).length, 5);
  }
});

test('names of classes and the preparation of the picture can be changed', async () => {
  const names = CIFAR10.classes.map((name) => `a ${name}`).join('\n');
  await drop(page, { name: 'names.txt', mimeType: 'text/plain', buffer: Buffer.from(names) });
  await page.locator('.bars dt', { hasText: /^a / }).first().waitFor();
  await page.getByText('Preparation of the picture').click();
  await page.getByLabel('Crop').fill('24');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('for an image of 3 × 24 × 24').waitFor();
  await page.getByLabel('Deviation').fill('0');
  await page.getByRole('button', { name: 'Apply' }).click();
  assert.match((await page.getByRole('alert').textContent()) ?? '', 'Mean and deviation');
});

test('occlusion shows where LeNet looks, and can be stopped', async () => {
  await drop(page, checkpoint('lenet.safetensors', await weightsOf('lenet5')));
  await page.getByText('for an image of 1 × 28 × 28').waitFor();
  await drop(page, picture('digit.png', noise(28, 28, 1)));
  await page.getByText('digit.png', { exact: true }).waitFor();
  assert.equal(await shownClasses(page), await expectedTop('lenet5', noise(28, 28, 1)));
  await page.getByRole('combobox', { name: 'Patches' }).selectOption('14');
  // in the page itself: a small network is done before a click from here arrives
  await page.evaluate(STOP_AT_ONCE);
  await page.getByRole('button', { name: 'Cover patch by patch' }).click();
  await page.waitForFunction('stopped');
  await page.getByRole('button', { name: 'Cover patch by patch' }).waitFor();
  const done = await page.evaluate<number>('done');
  assert.ok(done > 0 && done < 196, `${done} of 196 patches were covered`);
  await page.getByRole('combobox', { name: 'Patches' }).selectOption('6');
  await page.getByRole('button', { name: 'Cover patch by patch' }).click();
  await page.getByRole('img', { name: /strongest at row \d of 6/ }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
});

test('the page has no serious fault for its users, and fits a phone in light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    assert.equal(await seriousViolations(page), [], colorScheme);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  assert.is(await page.evaluate('document.documentElement.scrollWidth'), 390);
});

const data = process.env.WGRAD_DATA ?? '';
const resnet20 = join(data, 'pretrained', 'resnet20-12fca82f.th');
const hasReal = Boolean(data) && existsSync(resnet20);
if (!hasReal)
  console.log('skipped: the published ResNet-20 needs WGRAD_DATA with pretrained/ and cifar-10-batches-bin/');
(hasReal ? test : test.skip)('the published ResNet-20 knows CIFAR-10 pictures', async () => {
  await drop(page, checkpoint('resnet20.th', readFileSync(resnet20)));
  await page.getByText('(the published resnet20-12fca82f.th)').waitFor();
  const records = readFileSync(join(data, 'cifar-10-batches-bin', 'test_batch.bin'));
  for (const index of [0, 1, 3, 9]) {
    const record = records.subarray(index * 3073, (index + 1) * 3073);
    await drop(page, picture(`test-${index}.png`, cifarImage(record)));
    await page.getByText(`test-${index}.png`, { exact: true }).waitFor();
    const [first] = await shownClasses(page);
    assert.match(first!, new RegExp(`^${CIFAR10.classes[record[0]!]} `), `test image ${index}`);
    assert.match(await heatLabel(page), `with the map of ${CIFAR10.classes[record[0]!]}`);
  }
});
test.run();

interface GivenFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

interface Picture {
  readonly image: Image;
  readonly file: Uint8Array;
}

declare function heatOf(): string;

/** Clicks Stop when it appears, and keeps the furthest progress shown. */
const STOP_AT_ONCE = `
stopped = false; done = 0;
new MutationObserver((_, observer) => {
  const progress = document.querySelector('.occlusion progress');
  if (progress) done = Math.max(done, progress.value);
  if (progress && !stopped) stopped = !document.querySelector('.occlusion button').click();
  if (stopped && !progress) observer.disconnect();
}).observe(document.querySelector('.occlusion'), { childList: true, subtree: true, attributes: true });`;

async function drop(page: Page, file: GivenFile): Promise<void> {
  const label = file.mimeType.startsWith('image/') ? /^Picture/ : /^Checkpoint/;
  await page.getByLabel(label).setInputFiles(file);
}

function checkpoint(name: string, bytes: Uint8Array): GivenFile {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) };
}

function picture(name: string, given: Picture | Uint8Array): GivenFile {
  return { name, mimeType: 'image/any', buffer: Buffer.from('file' in given ? given.file : given) };
}

/** `cat 61.2 %`, the first first. */
async function shownClasses(page: Page): Promise<string[]> {
  await page.locator('.classify .top').waitFor();
  return (await page.locator('.bars > div').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
}

async function heatLabel(page: Page): Promise<string> {
  const view = page.getByRole('img', { name: /with the map of/ });
  await view.waitFor();
  return (await view.getAttribute('aria-label'))!;
}

/** The map's pixels as they are shown. */
async function heat(page: Page): Promise<string> {
  await page.evaluate("heatOf = () => document.querySelector('canvas.heat').toDataURL()");
  return page.evaluate('heatOf()');
}

async function weightsOf(name: string): Promise<Uint8Array> {
  return writeSafetensors(await valuesOf(name));
}

/** Made from a seed; the last layer is damped, so that no probability is 1. */
async function valuesOf(name: string): Promise<StateDict> {
  const model = createModel(name).to(device, { seed: 5 });
  const values = await model.stateDict();
  model.dispose();
  const data = values.get(`${modelEntry(name).head}.weight`)!.data as Float32Array;
  for (let i = 0; i < data.length; i++) data[i]! *= 0.05;
  return values;
}

/** By the library's own path in Node. */
async function expectedTop(name: string, { image }: Picture): Promise<string[]> {
  const entry = modelEntry(name);
  const weights = entry.weights.find(({ isPartial }) => !isPartial);
  const { preprocessing } = suggestPreprocessing({
    ...{ entry, weights, isPublished: false },
    inChannels: entry.inputShape[0],
  });
  const { data, shape } = preprocess(image, preprocessing);
  const model = createModel(name).to(device).eval();
  model.loadStateDict(await valuesOf(name));
  const logits = device.noGrad(() => model.call(device.tensor(data, [1, ...shape]))) as Tensor;
  const names = weights ? CIFAR10.classes : Array.from({ length: 10 }, (_, i) => `class ${i}`);
  const top = topClasses((await logits.data()) as Float32Array, { names, top: 5 });
  model.dispose();
  return top.map(({ name: label, probability }) => `${label} ${formatProbability(probability)}`);
}

function noise(width: number, height: number, channels: 1 | 3 = 3): Picture {
  const next = seeded(width * height);
  const data = Uint8Array.from({ length: width * height * channels }, () => 128 + 127 * next());
  const image = { width, height, channels, data };
  return { image, file: encodePng(image) };
}

/** A label, then 1024 values of red, green and blue each. */
function cifarImage(record: Uint8Array): Picture {
  const data = Uint8Array.from({ length: 3072 }, (_, i) => record[1 + (i % 3) * 1024 + Math.floor(i / 3)]!);
  const image = { width: 32, height: 32, channels: 3 as const, data };
  return { image, file: encodePng(image) };
}

function otherModel(): Uint8Array {
  return writeSafetensors(new Map([['foo', { dtype: 'float32', shape: [2], data: new Float32Array(2) }]]));
}

/** A whole PNG of black, one bit a pixel. */
function hugePng(side: number): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

/** -1 to 1, the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
