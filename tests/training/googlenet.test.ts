// GoogLeNet gives three tensors of logits in training and one in a test: the whole way through a run and back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../cli/loadModel.ts';
import { CIFAR10, type Dataset } from '../../datasets/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { modelEntry } from '../../models/index.ts';
import { classifierLoss, defaultRecipe, evaluate, type RunConfig } from '../../training/index.ts';
import { run } from '../../training/node/index.ts';

const test = suite('googlenet');
const root = mkdtempSync(join(tmpdir(), 'wgrad-googlenet-'));
test.after(() => rmSync(root, { recursive: true }));

/** Four colour images that need not mean anything. */
const dataset: Dataset = {
  ...CIFAR10,
  images: Uint8Array.from({ length: 4 * 3072 }, (_, i) => (i * 7919) % 256),
  labels: Uint8Array.from([3, 1, 4, 1]),
  count: 4,
  shape: [3, 32, 32],
};
const config: RunConfig = {
  ...defaultRecipe(),
  ...{ model: 'googlenet', dataset: 'cifar10', data: null, epochs: 1, batchSize: 4, limit: null, seed: 0 },
};

test('a run trains the auxiliary heads too, and its weights load without them, to the same answers', async () => {
  const device = await createDevice();
  const before = device.memory();
  const out = join(root, 'run');
  const { test: tested, parameters } = await run({ config, device, trainSet: dataset, testSet: dataset, out });
  const body = 6_624_904 - 1025 * 1000; // torchvision's count without the last layer
  const head = (channels: number) => 128 * channels + 2 * 128 + 2049 * 1024 + 1025 * 10;
  assert.is(parameters, body + 1025 * 10 + head(512) + head(528));

  const { model, origin, numClasses } = await loadModel(
    modelEntry('googlenet'),
    join(out, 'checkpoint', 'model.safetensors'),
    device,
  );
  assert.equal([origin.kind, numClasses], ['run', 10]);
  assert.not(model.namedParameters().some(([name]) => name.startsWith('aux')));
  const again = await evaluate(model, device, dataset);
  assert.is(again.loss, tested!.loss);
  model.dispose();
  const after = device.memory();
  assert.equal([after.tensors, after.bytes], [before.tensors, before.bytes]);
});

test('an output that is neither logits nor those of GoogLeNet is refused', () => {
  for (const output of [undefined, {}, [1, 2]]) {
    assert.throws(
      () => classifierLoss(output, undefined as never),
      (error: Error) =>
        error instanceof ShapeError && /must give logits, or \{ logits, aux1, aux2 \}/.test(error.message),
    );
  }
});

test.run();
