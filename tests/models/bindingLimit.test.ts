// Whole models whose largest weights exceed the adapter's bindings (AlexNet's first linear layer has 144 MiB, VGG's
// 392 MiB): forward, backward and the optimizer's step leave no part of them behind. That forward and backward are right
// is shown by parity.test.ts.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crossEntropy } from '../../engine/functional/loss.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { createModel } from '../../models/index.ts';

const LIMIT = 128 * 2 ** 20;
const LR = 0.5;
const MOMENTUM = 0.9;
const WEIGHT_DECAY = 5e-4;
const device = await createDevice({ bindingLimit: LIMIT });
const test = suite('models beyond the binding limit');

for (const [name, layer] of [
  ['alexnet', 'classifier.1'],
  ['vgg11', 'classifier.0'],
] as const) {
  test(`${name} takes two steps of SGD with every value of ${layer} updated as it should`, async () => {
    const model = createModel(name, { dropout: 0 }).to(device, { seed: 3 });
    const optimizer = new SGD(model.parameters(), { lr: LR, momentum: MOMENTUM, weightDecay: WEIGHT_DECAY });
    const weight = model.namedParameters().find(([parameter]) => parameter === `${layer}.weight`)![1];
    assert.ok(weight.size * 4 > device.bindingLimit);
    const images = Float32Array.from({ length: 2 * 3 * 64 * 64 }, (_, i) => Math.sin(i * 0.37));
    let weights = await values(weight);
    const velocity = new Float32Array(weights.length);
    for (let step = 0; step < 2; step++) {
      using _ = device.scope();
      optimizer.zeroGrad();
      const loss = crossEntropy(model.call(device.tensor(images, [2, 3, 64, 64])), device.tensor(Uint32Array.of(1, 7)));
      loss.backward();
      const gradient = await values(weight.grad!);
      optimizer.step();
      const updated = await values(weight);
      let [furthest, touched, largest] = [0, 0, 0];
      for (let i = 0; i < weights.length; i++) {
        velocity[i] = MOMENTUM * velocity[i] + gradient[i] + WEIGHT_DECAY * weights[i];
        const expected = weights[i] - LR * velocity[i];
        furthest = Math.max(furthest, Math.abs(updated[i] - expected));
        largest = Math.max(largest, Math.abs(expected));
        if (updated[i] !== weights[i]) touched++;
      }
      assert.ok(furthest <= 1e-6 * largest, `step ${step}: ${furthest} off, the largest value is ${largest}`);
      assert.ok(touched > 0.5 * weights.length, `step ${step}: ${touched} of ${weights.length} values changed`);
      weights = updated;
    }
    optimizer.dispose();
    model.dispose();
    device.trimMemory();
  });
}

test.run();

/** As they lie in memory. */
async function values(tensor: Tensor): Promise<Float32Array> {
  return new Float32Array(await device.download(tensor));
}
