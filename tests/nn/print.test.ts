// print, state-dict keys and module names against PyTorch's own (tests/fixtures/modules.py). Needs no device.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as nn from '../../engine/nn/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { LeNet5 } from '../../models/lenet.ts';

const fixture: Record<string, { text: string; keys: string[]; modules: string[] }> = JSON.parse(
  readFileSync(new URL('../fixtures/modules.json', import.meta.url), 'utf8'),
);

class Block extends nn.Module {
  readonly conv1 = new nn.Conv2d(3, 96, 11, { stride: 4, padding: 2 });
  readonly bn1 = new nn.BatchNorm2d(96);
  readonly downsample = new nn.Sequential(
    new nn.Conv2d(3, 96, 1, { stride: 4, bias: false }),
    new nn.BatchNorm2d(96, { momentum: null }),
  );
  protected override forward(x: Tensor): Tensor {
    return x;
  }
}

class Net extends nn.Module {
  readonly layer1 = new nn.Sequential(new Block(), new Block());
  readonly features = new nn.Sequential({
    norm0: new nn.BatchNorm2d(4, { eps: 0.001, affine: false }),
    relu0: new nn.ReLU(),
  });
  readonly empty = new nn.Sequential();
  readonly avgPool = new nn.AdaptiveAvgPool2d([1, 1]);
  protected override forward(x: Tensor): Tensor {
    return x;
  }
}

const models: Record<string, nn.AnyModule> = {
  LeNet5: new LeNet5(),
  nested: new Net(),
  layers: new nn.Sequential(
    new nn.Conv2d(8, 16, [3, 5], { stride: [1, 2], padding: [0, 2], dilation: [2, 1], groups: 4, bias: false }),
    new nn.Linear(3, 4, { bias: false }),
    new nn.MaxPool2d(3, { stride: 2, ceilMode: true }),
    new nn.MaxPool2d([3, 2], { padding: [1, 0], dilation: 2 }),
    new nn.AvgPool2d(2),
    new nn.AvgPool2d([3, 2], { stride: 1, padding: 1 }),
    new nn.AdaptiveAvgPool2d(7),
    new nn.AdaptiveAvgPool2d([null, 7]),
    new nn.BatchNorm2d(5, { momentum: 0.01, trackRunningStats: false }),
    new nn.LocalResponseNorm(5),
    new nn.LocalResponseNorm(5, { alpha: 0.0002, beta: 0.5, k: 2 }),
    new nn.Dropout(),
    new nn.Dropout(0.2),
    new nn.ReLU(),
    new nn.LeakyReLU(),
    new nn.LeakyReLU(1e-5),
    new nn.Sigmoid(),
    new nn.Tanh(),
    new nn.GELU(),
    new nn.GELU({ approximate: 'tanh' }),
    new nn.Softmax(1),
    new nn.LogSoftmax(-1),
    new nn.Flatten(),
    new nn.Flatten(0, 2),
    new nn.Identity(),
    new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }),
  ),
};

const test = suite('print');

for (const [name, { text, keys, modules }] of Object.entries(fixture)) {
  test(`${name} prints as in PyTorch`, () => assert.is(nn.print(models[name]), text));
  test(`${name} has PyTorch's state-dict keys, in order`, () => {
    assert.equal(
      models[name].state().map(([key]) => key),
      keys,
    );
  });
  test(`${name} has PyTorch's module names, in order`, () => {
    assert.equal(
      models[name].namedModules().map(([key]) => key),
      modules,
    );
  });
}

test('field names become snake_case, and capitalised ones stay', () => {
  class Odd extends nn.Module {
    readonly AuxLogits = new nn.ReLU();
    readonly Conv2d_1a_3x3 = new nn.ReLU();
    readonly branch3x3dbl_1 = new nn.ReLU();
    readonly avgPool2x = new nn.ReLU();
    protected override forward(x: Tensor): Tensor {
      return x;
    }
  }
  const names = new Odd().namedChildren().map(([name]) => name);
  assert.equal(names, ['AuxLogits', 'Conv2d_1a_3x3', 'branch3x3dbl_1', 'avg_pool2x']);
});

test.run();
