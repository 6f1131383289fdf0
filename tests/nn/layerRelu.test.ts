// A convolution or linear layer and the rectifier behind it run as one operation, and nobody sees a difference.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Conv2d, Dropout, Flatten, Linear, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';

const device = await createDevice();
const test = suite('layerRelu');

class OwnReLU extends ReLU {}

/** What AlexNet and VGG are made of. */
function model(Rectifier = ReLU): Sequential {
  return new Sequential(
    new Conv2d(3, 8, 3, { padding: 1 }),
    new Rectifier(),
    new Conv2d(8, 8, 3, { groups: 8, bias: false }),
    new Rectifier(),
    new Flatten(),
    new Dropout(0),
    new Linear(8 * 4 * 5, 7),
    new Rectifier(),
    new Linear(7, 3),
  ).to(device, { seed: 5 });
}

async function results(sequential: Sequential) {
  using _ = device.scope();
  const x = device.tensor(
    Float32Array.from({ length: 2 * 3 * 6 * 7 }, (_, i) => Math.sin(i * 1.3)),
    [2, 3, 6, 7],
  );
  x.requiresGrad = true;
  const before = device.recorder.dispatches;
  const y = sequential.call(x);
  const dispatches = device.recorder.dispatches - before;
  y.sum().backward();
  const values = [await y.data(), await x.grad!.data()];
  for (const { grad } of sequential.parameters()) values.push(await grad!.data());
  return { values, dispatches };
}

test('values and gradients are those of layer after layer, in three dispatches less', async () => {
  const [fused, apart] = [await results(model()), await results(model(OwnReLU))];
  assert.is(apart.dispatches - fused.dispatches, 3);
  assert.equal(fused.values, apart.values);
  const zeros = fused.values[1].filter((value) => value === 0).length;
  assert.ok(zeros < fused.values[1].length, 'some gradient arrives');
});

test('a hook on either of the two sees what it would have seen', async () => {
  for (const index of [0, 1]) {
    const [hooked, plain] = [model(), model()];
    const seen: number[][] = [];
    hooked[index].registerForwardHook((_module, _inputs, output) => {
      seen.push([...(output as Tensor).shape]);
    });
    const { values } = await results(hooked);
    assert.equal(seen, [[2, 8, 6, 7]]);
    assert.equal(values, (await results(plain)).values);
  }
});

test.run();
