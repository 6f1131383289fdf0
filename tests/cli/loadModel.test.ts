// A file of weights decides how its model is built; a file of something else is named for what it is.
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { classNames } from '../../cli/classNames.ts';
import { loadModel } from '../../cli/loadModel.ts';
import { choosePreprocessing } from '../../cli/preprocessingOptions.ts';
import { UsageError } from '../../cli/usageError.ts';
import { glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { writeSafetensors } from '../../engine/serialization/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { createModel, type ModelOptions, modelEntry } from '../../models/index.ts';

const test = suite('loadModel');
const root = mkdtempSync(join(tmpdir(), 'wgrad-load-'));
let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => rmSync(root, { recursive: true }));

/** A file with the first values of a model. */
async function save(file: string, name: string, options: ModelOptions = {}): Promise<string> {
  const model = createModel(name, options).to(device);
  const path = join(root, file);
  writeFileSync(path, writeSafetensors(await model.stateDict()));
  model.dispose();
  return path;
}

const load = (name: string, path: string) => loadModel(modelEntry(name), path, device);

async function refusal(promise: Promise<unknown>): Promise<Error> {
  const { bytes } = device.memory();
  const error = await promise.then(
    () => assert.unreachable('did not throw'),
    (thrown: Error) => thrown,
  );
  assert.is(device.memory().bytes, bytes, 'memory comes back');
  return error as Error;
}

test('classes and channels are those of the file', async () => {
  const loaded = await load('resnet20', await save('rgb.safetensors', 'resnet20', { numClasses: 7, inChannels: 1 }));
  assert.equal([loaded.numClasses, loaded.inChannels, loaded.model.training], [7, 1, false]);
  assert.equal(
    await classNames(loaded, undefined),
    [0, 1, 2, 3, 4, 5, 6].map((i) => `class ${i}`),
  );
  loaded.model.dispose();
});

test("NiN's classes are those of the last layer of its head, a block", async () => {
  const loaded = await load('nin', await save('nin.safetensors', 'nin', { numClasses: 7 }));
  assert.is(loaded.numClasses, 7);
  loaded.model.dispose();
});

test('an unknown file is taken to be like the first published one; one without any asks for mean and std', async () => {
  const resnet = await load('resnet20', await save('mine.safetensors', 'resnet20'));
  assert.is(resnet.origin.kind, 'unknown');
  const { preprocessing, description } = choosePreprocessing(resnet, {});
  assert.equal(preprocessing, modelEntry('resnet20').weights[0].preprocessing);
  assert.match(description, '(unknown file: as for resnet20-12fca82f.th)');
  assert.is((await classNames(resnet, undefined))[9], 'truck');
  resnet.model.dispose();

  const lenet = await load('lenet5', await save('lenet.safetensors', 'lenet5'));
  assert.throws(() => choosePreprocessing(lenet, { mean: [0.5] }), /Give --mean and --std/);
  const flags = { mean: [0.5], std: [0.25] };
  assert.equal(choosePreprocessing(lenet, flags).preprocessing, { resize: 28, crop: 28, ...flags });
  const own = choosePreprocessing(lenet, { std: [2] }, glyphs({ count: 1 }));
  assert.equal(own.preprocessing, { mean: glyphs({ count: 1 }).mean, std: [2] });
  assert.match(own.description, "(unknown file: glyphs's own mean and std, --std)");
  lenet.model.dispose();
});

test('GoogLeNet loads with auxiliary heads or without, and keeps none', async () => {
  for (const auxLogits of [true, false]) {
    const path = await save('googlenet.safetensors', 'googlenet', { auxLogits, numClasses: 3 });
    const { model } = await load('googlenet', path);
    assert.not(model.namedParameters().some(([name]) => name.startsWith('aux')));
    model.dispose();
  }
});

test("another model's file is refused, and nothing stays on the device", async () => {
  const path = await save('deeper.safetensors', 'resnet32');
  const deeper = await refusal(load('resnet20', path));
  assert.instance(deeper, ShapeError);
  assert.match(deeper.message, /deeper\.safetensors: these values do not fit ResNetCifar\s+unexpected: layer1\.3\./);
  const headless = await refusal(load('alexnet', path));
  assert.instance(headless, FormatError);
  assert.match(headless.message, /holds no classifier\.6\.weight, the head of alexnet; its \d+ tensors are \w+/);
});

const pretrained = join(process.env.WGRAD_DATA ?? '', 'pretrained');
const testReal = process.env.WGRAD_DATA && existsSync(pretrained) ? test : test.skip;

testReal('a published file is known by its SHA-256 under any name, to its own model and to another', async () => {
  const path = join(root, 'renamed.pth');
  copyFileSync(join(pretrained, 'mnist_cnn.pt'), path);
  const { origin, model } = await load('lenet5_c5', path);
  assert.is(origin.kind === 'published' && origin.weights.file, 'mnist_cnn.pt');
  model.dispose();
  assert.match((await refusal(load('resnet20', path))).message, '; by its SHA-256 it is the file of lenet5_c5');
});

testReal('a file without a classifier is refused as that', async () => {
  const error = await refusal(load('squeezenet1_1', join(pretrained, 'lpips_squeeze.pt')));
  assert.instance(error, UsageError);
  assert.match(error.message, 'holds a part of squeezenet1_1 only, without its classifier');
});

test.run();
