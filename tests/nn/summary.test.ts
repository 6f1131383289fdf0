// The table of torchsummary for LeNet-5, its columns and sizes as the examples in https://github.com/sksq96/pytorch-summary.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as nn from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { LeNet5 } from '../../models/lenet.ts';

const device = await createDevice();
const test = suite('summary');

test('LeNet-5 as torchsummary prints it, without a device', () => {
  const model = new LeNet5();
  assert.is(
    nn.summary(model, [1, 28, 28]),
    `----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1            [-1, 6, 28, 28]             156
            Conv2d-2           [-1, 16, 10, 10]           2,416
            Linear-3                  [-1, 120]          48,120
            Linear-4                   [-1, 84]          10,164
            Linear-5                   [-1, 10]             850
================================================================
Total params: 61,706
Trainable params: 61,706
Non-trainable params: 0
----------------------------------------------------------------
Input size (MB): 0.00
Forward/backward pass size (MB): 0.05
Params size (MB): 0.24
Estimated Total Size (MB): 0.29
----------------------------------------------------------------`,
  );
});

test('a placed model runs nothing on its device, and misfits are named', () => {
  const model = new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(16, 2));
  model.to(device);
  const { dispatches } = device.recorder;
  const before = device.memory();
  assert.match(nn.summary(model, [3, 6, 6]), /Linear-4 +\[-1, 2\] +34\n/);
  assert.throws(
    () => nn.summary(model, [3, 8, 8]),
    (error: Error) => error instanceof ShapeError && /linear/.test(error.message),
  );
  assert.is(device.recorder.dispatches, dispatches);
  assert.equal(device.memory(), before);
  model.dispose();
});

test('frozen parameters are not trainable, Sequentials have no row, modes and statistics stay', async () => {
  const model = new nn.Sequential(
    new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(4)),
    new nn.Flatten(),
    new nn.Linear(16, 2),
  ).to(device);
  const [block, , head] = model.layers();
  block.requiresGrad_(false);
  block.eval();
  const text = nn.summary(model, [3, 4, 4]);
  assert.match(text, / {11}Flatten-3 {19}\[-1, 16\] {15}0\n/);
  assert.match(text, /Total params: 154\nTrainable params: 34\nNon-trainable params: 120\n/);
  assert.not.match(text, /Sequential/);
  assert.ok(model.training && head.training && !block.training);
  assert.equal([...(await ((block as nn.Sequential)[1] as nn.BatchNorm2d).runningVar!.data())], [1, 1, 1, 1]);
  model.dispose();
});

test.run();
