// The Models page: every architecture is drawn with what it costs, and behind its boxes is the code that makes them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findLayerCode } from '../../app/models/findLayerCode.ts';
import { choiceFrom, queryOf } from '../../app/models/modelQuery.ts';
import { layers, totals } from '../../engine/nn/index.ts';
import { createModel, listModels, modelEntries, modelEntry } from '../../models/index.ts';
import { openApp } from './openApp.ts';
import { seriousViolations } from './seriousViolations.ts';

const test = suite('Models page');
const folder = join(import.meta.dirname, '..', '..', 'models');
const sources = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);
const { page, close } = await openApp({ route: '/models' });
test.after(close);

test('the code of a layer is the line that makes it', () => {
  for (const [model, name, file, code] of [
    ['lenet5', 'conv1', 'lenet.ts', 'this.conv1 = new Conv2d('],
    ['lenet5', 'conv2', 'lenet.ts', 'readonly conv2 = new Conv2d('],
    ['lenet5_c5', 'convnet.c3', 'lenet.ts', 'c3: new Conv2d('],
    ['nin', 'net.3.2', 'nin.ts', 'new Conv2d(outChannels, outChannels, 1)'],
    ['nin', 'net.5', 'nin.ts', 'new MaxPool2d(3, { stride: 2 })'],
    ['vgg16', 'features.4', 'vgg.ts', 'layers.push(new MaxPool2d('],
    ['vgg16', 'classifier.6', 'vgg.ts', 'new Linear(4096, numClasses)'],
    ['resnet50', 'layer2.1', 'resnet.ts', 'export class Bottleneck'],
    ['resnet50', 'layer2.1.conv3', 'resnet.ts', 'this.conv3 = new Conv2d(planes, outPlanes'],
    ['googlenet', 'inception3a.branch2.1', 'inception.ts', 'export class BasicConv2d'],
    ['squeezenet1_1', 'features.0', 'squeezenet.ts', 'this.features = version ==='],
    ['mobilenet_v1', 'fc', 'mobilenetV1.ts', 'this.fc = '],
    ['resnet20', '', 'resnetCifar.ts', 'export class ResNetCifar'],
  ] as const) {
    const found = findLayerCode(createModel(model), { name, isForward: false }, sources);
    assert.is(found?.file, file, `${model} ${name}`);
    assert.match(sources[file]!.split('\n')[found!.line - 1]!, code);
  }
  const sum = findLayerCode(createModel('resnet18'), { name: 'layer1.0', isForward: true }, sources)!;
  assert.match(sources[sum.file]!.split('\n')[sum.line - 1]!, 'override forward(x: Tensor)');
});

test('every module of every model has code', () => {
  for (const { name: model, create } of modelEntries()) {
    const made = create();
    for (const [name] of made.namedModules()) {
      const found = findLayerCode(made, { name, isForward: false }, sources);
      assert.ok(found && sources[found.file]!.split('\n')[found.line - 1]!.trim(), `${model} ${name}`);
    }
  }
});

test("the page's address says what it shows, and nonsense in it means the model's own", () => {
  const models = modelEntries().map(({ accuracy, ...facts }) => ({ ...facts, accuracy }));
  const choice = { name: 'vgg11', numClasses: 7, inputShape: [1, 64, 96] as const };
  assert.equal(choiceFrom(new URLSearchParams(queryOf(choice, 'features.0')), models), choice);
  const { inputShape, numClasses } = modelEntry('nin');
  const own = choiceFrom(new URLSearchParams('model=nin&classes=-3&input=3x1e99x'), models);
  assert.equal(own, { name: 'nin', numClasses, inputShape });
  assert.is(choiceFrom(new URLSearchParams('model=none'), models)!.name, models[0]!.name);
});

test('every model can be chosen, and is drawn with its shapes, parameters and multiply-accumulates', async () => {
  const select = page.getByLabel('Model', { exact: false }).first();
  await page.locator('.diagram svg').waitFor();
  assert.equal(await select.locator('option').allTextContents(), listModels());
  for (const { name, inputShape, create } of modelEntries()) {
    await select.selectOption(name);
    const sums = totals(layers(create(), inputShape));
    const text = `${name}: ${sums.parameters.toLocaleString('en-US')} parameters, ${sums.macs.toLocaleString('en-US')} multiply-accumulates`;
    await page.getByText(text).waitFor({ timeout: 10_000 });
    const drawn = (await page.locator('.diagram svg').textContent()) ?? '';
    assert.match(drawn, inputShape.join(' × '), name);
    assert.match(drawn, /[\d.]+( [kMG])? parameters, [\d.]+( [kMG])? MACs/, name);
  }
});

test('a click on a box, and Enter, show its figures and its code; the address keeps them', async () => {
  await page.getByLabel('Model', { exact: false }).first().selectOption('resnet18');
  await page.getByRole('button', { name: /^Conv 7×7, 64 stride 2/ }).click();
  await page.getByRole('heading', { name: 'conv1' }).waitFor();
  await page.locator('.code mark', { hasText: 'this.conv1 = new Conv2d(inChannels, 64, 7' }).waitFor();
  assert.match((await page.locator('.layer').textContent()) ?? '', /Conv2d.*64 × 112 × 112.*9,408.*118,013,952/);

  await page.getByRole('button', { name: /^layer2\.0 BasicBlock/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'layer2.0' }).waitFor();
  await page.locator('.code mark', { hasText: 'export class BasicBlock' }).waitFor();
  await page.getByRole('button', { name: 'layer2.0.conv1', exact: true }).click(); // in the table
  await page.locator('.code mark', { hasText: 'this.conv1 = new Conv2d(inPlanes' }).waitFor();
  assert.match(page.url(), /#\/models\?model=resnet18&.*layer=layer2\.0\.conv1$/);
  await page.reload();
  await page.locator('.code mark', { hasText: 'this.conv1 = new Conv2d(inPlanes' }).waitFor();
});

test('the number of classes and the size of the image change the figure; what cannot be says why', async () => {
  await page.getByLabel('Classes').fill('10');
  await page.getByLabel('Classes').press('Tab');
  await page.getByText('resnet18: 11,181,642 parameters').waitFor();
  await page.getByLabel('Model', { exact: false }).first().selectOption('vgg11');
  await page.getByText('vgg11: 132,863,336 parameters').waitFor();
  await page.getByLabel('Height').fill('20');
  await page.getByLabel('Height').press('Tab');
  await page.getByRole('alert').filter({ hasText: 'h and w at least 32' }).waitFor();
  await page.getByLabel('Height').fill('64');
  await page.getByLabel('Height').press('Tab');
  await page.getByText('one image of 3 × 64 × 224').waitFor();
  assert.is(await page.getByRole('alert').count(), 0);
});

test('the page has no serious fault for its users, and fits a phone in light and dark', async () => {
  await page.getByRole('button', { name: /^Conv 3×3, 64 / }).click();
  await page.locator('.code').waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    assert.equal(await seriousViolations(page), [], colorScheme);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  assert.is(await page.evaluate('document.documentElement.scrollWidth'), 390);
});
test.run();
