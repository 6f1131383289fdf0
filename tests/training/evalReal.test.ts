// Published weights on the real test sets count what PyTorch counts: all of MNIST, the first 500 of CIFAR-10.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../cli/loadModel.ts';
import { choosePreprocessing } from '../../cli/preprocessingOptions.ts';
import type { Dataset } from '../../datasets/index.ts';
import { loadCifar10, loadMnist } from '../../datasets/node/index.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { modelEntry } from '../../models/index.ts';
import { type Evaluation, evaluate } from '../../training/index.ts';

const suiteOf = suite('real weights');
const data = process.env.WGRAD_DATA ?? '';
const test = data && existsSync(join(data, 'pretrained')) ? suiteOf : suiteOf.skip;
let device: Device;
suiteOf.before(async () => {
  device = await createDevice();
});

for (const [name, file, right] of [
  ['lenet5_c5', 'lenet_epoch=12_test_acc=0.991.pth', 9907],
  ['lenet5_c5', 'mnist_cnn.pt', 9905],
  ['mnist_convnet', 'mnist.pt', 9915],
  ['mnist_convnet', 'mnist.safetensors', 9917],
] as const) {
  test(`${name} with ${file} has ${right} of MNIST's 10,000 test images right`, async () => {
    const { top1, total } = await evaluateFile(name, file, await loadMnist(data, { train: false }));
    assert.equal([top1, total], [right, 10_000]);
  });
}

test('resnet20 answers to the first 500 CIFAR-10 test images as in PyTorch, image by image', async () => {
  const dataset = await loadCifar10(data, { train: false });
  const found = await evaluateFile('resnet20', 'resnet20-12fca82f.th', dataset, { limit: 500 });
  const fixture = new URL('../fixtures/cifarResnet.json', import.meta.url);
  const expected = JSON.parse(readFileSync(fixture, 'utf8')).resnet20;
  assert.equal([found.top1, found.top5], [expected.top1, expected.top5]);
  assert.is([...found.predictions].join(''), expected.predictions);
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-4, `loss ${found.loss}`);
});

suiteOf.run();

async function evaluateFile(
  name: string,
  file: string,
  dataset: Dataset,
  { limit = dataset.count } = {},
): Promise<Evaluation> {
  const before = device.memory();
  const loaded = await loadModel(modelEntry(name), join(data, 'pretrained', file), device);
  const { preprocessing } = choosePreprocessing(loaded, {}, dataset);
  const result = await evaluate(loaded.model, device, dataset, { preprocessing, limit, batchSize: 100 });
  loaded.model.dispose();
  const after = device.memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
  return result;
}
