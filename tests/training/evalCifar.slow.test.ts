// The published CIFAR ResNets on all 10,000 test images: about twenty minutes on two CPU cores.
//   WGRAD_DATA=folder npm run test:slow
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../cli/loadModel.ts';
import { choosePreprocessing } from '../../cli/preprocessingOptions.ts';
import { loadCifar10 } from '../../datasets/node/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { modelEntry } from '../../models/index.ts';
import { evaluate } from '../../training/index.ts';

const data = process.env.WGRAD_DATA;
if (!data) throw new Error('WGRAD_DATA must name the folder that holds pretrained and cifar-10-batches-bin');
const device = await createDevice();
const fixture = JSON.parse(readFileSync(new URL('../fixtures/cifarResnet.json', import.meta.url), 'utf8'));

for (const [name, right] of [
  ['resnet20', 9173],
  ['resnet32', 9263],
  ['resnet44', 9311],
  ['resnet56', 9339],
] as const) {
  // 20 of the test images came from a JPEG copy, and equal logits may round apart
  test(`${name} has ${right} of 10,000 right, 3 more or fewer, and the first 500 as in PyTorch`, async () => {
    const entry = modelEntry(name);
    const dataset = await loadCifar10(data, { train: false });
    const loaded = await loadModel(entry, join(data, 'pretrained', entry.weights[0].file), device);
    const { preprocessing } = choosePreprocessing(loaded, {}, dataset);
    const { top1, total, predictions } = await evaluate(loaded.model, device, dataset, {
      preprocessing,
      batchSize: 100,
    });
    console.log(`${name}: ${top1} of ${total}`);
    assert.is(total, 10_000);
    assert.ok(Math.abs(top1 - right) <= 3, `${top1}`);
    assert.is([...predictions.subarray(0, 500)].join(''), fixture[name].predictions);
    loaded.model.dispose();
  });
}

test.run();
