// Captured steps: replays equal eager steps bit for bit, in less memory, and say when they no longer can.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { crossEntropy } from '../../engine/functional/index.ts';
import { Dropout, Linear, type Module, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import {
  Adam,
  AdamW,
  clipGradNorm,
  OneCycleLR,
  type OptimizerState,
  RMSprop,
  type Scheduler,
  SGD,
  StepLR,
} from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { LeNet5 } from '../../models/lenet.ts';
import { ResNetCifar } from '../../models/resnetCifar.ts';

const device = await createDevice();
const test = suite('capture');

type Trainable = SGD | Adam | RMSprop;

interface Setting {
  model: () => Module;
  optimizer: (parameters: Tensor[]) => Trainable;
  scheduler?: (optimizer: never) => Scheduler;
  shape: number[];
  steps?: number;
  clip?: number;
  /** Called before step `i`, in both runs. */
  between?: (i: number, optimizer: Trainable, model: Module) => void;
}

/** All that a run leaves behind: losses, and the bits of parameters, buffers, counters and states. */
async function runSteps(
  { model: make, optimizer, scheduler: schedule, shape, steps = 4, clip, between }: Setting,
  isCaptured: boolean,
) {
  device.manualSeed(3);
  const model = make().to(device, { seed: 1 });
  const adapted = optimizer(model.parameters());
  const scheduler = schedule?.(adapted as never);
  const x = device.empty(shape);
  const labels = device.empty([shape[0]], { dtype: 'uint32' });
  const losses: Promise<number>[] = [];
  const step = () => {
    const loss = crossEntropy(model.call(x), labels);
    adapted.zeroGrad();
    loss.backward();
    if (clip) clipGradNorm(model.parameters(), clip);
    adapted.step();
    return loss;
  };
  let captured: ReturnType<typeof device.capture<Tensor>> | undefined;
  for (let i = 0; i < steps; i++) {
    between?.(i, adapted, model);
    x.write(Float32Array.from({ length: x.size }, (_, j) => Math.sin(j * 0.7 + i)));
    labels.write(Uint32Array.from({ length: shape[0] }, (_, j) => (i + 3 * j) % 10));
    if (!isCaptured) {
      using _ = device.scope();
      losses.push(step().item());
    } else if (!captured) {
      captured = device.capture(step);
      losses.push(captured.result.item());
    } else losses.push(captured.replay().item());
    scheduler?.step();
  }
  const state: OptimizerState<unknown> = await adapted.stateDict();
  const outcome = {
    losses: await Promise.all(losses),
    values: [...(await model.stateDict())].map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
    steps: state.steps,
    states: [...state.tensors].map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
    random: device.random.counter,
  };
  captured?.dispose();
  adapted.dispose();
  model.dispose();
  for (const tensor of [x, labels]) tensor.dispose();
  return outcome;
}

async function assertEqualRuns(setting: Setting): Promise<void> {
  const before = device.memory();
  const eager = await runSteps(setting, false);
  const captured = await runSteps(setting, true);
  assert.equal(captured, eager);
  assert.is.not(eager.losses[0], eager.losses.at(-1));
  assert.is(device.memory().bytes, before.bytes);
  assert.is(device.memory().tensors, before.tensors);
}

const lenet = { model: () => new LeNet5(), shape: [4, 1, 28, 28] };
const optimizers: Record<string, Setting['optimizer']> = {
  SGD: (parameters) => new SGD(parameters, { lr: 0.05 }),
  'SGD with momentum': (parameters) =>
    new SGD(parameters, { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
  Adam: (parameters) => new Adam(parameters),
  AdamW: (parameters) => new AdamW(parameters),
  RMSprop: (parameters) => new RMSprop(parameters, { lr: 1e-3, momentum: 0.5, centered: true }),
};
for (const [name, optimizer] of Object.entries(optimizers)) {
  test(`replays of a LeNet-5 step with ${name} equal eager steps bit for bit`, () =>
    assertEqualRuns({ ...lenet, optimizer }));
}

test('schedulers behind the step are followed, momentum included', async () => {
  const oneCycle = (optimizer: never) => new OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 6 });
  await assertEqualRuns({ ...lenet, optimizer: optimizers['SGD with momentum'], scheduler: oneCycle, steps: 6 });
  const stepwise = (optimizer: never) => new StepLR(optimizer, { stepSize: 2, gamma: 0.3 });
  await assertEqualRuns({ ...lenet, optimizer: optimizers.Adam, scheduler: stepwise });
});

test('numbers written into parameter groups take effect at the next replay', () =>
  assertEqualRuns({
    ...lenet,
    optimizer: (parameters) =>
      new SGD([{ params: parameters.slice(0, 4), lr: 0.01 }, { params: parameters.slice(4) }], { lr: 0.1 }),
    between: (i, { paramGroups }) => {
      if (i === 2) paramGroups[1].lr = 0.5;
      if (i === 3) paramGroups[0].lr = 0;
    },
  }));

test('clipped gradients, too', () => assertEqualRuns({ ...lenet, optimizer: optimizers.SGD, clip: 0.1 }));

test('batch norm, residual sums, running statistics and batch counts equal those of eager steps', () =>
  assertEqualRuns({
    model: () => new ResNetCifar(8),
    optimizer: optimizers['SGD with momentum'],
    shape: [2, 3, 32, 32],
  }));

test('dropout draws new numbers at each replay, the same as eager steps, and follows a new seed', () =>
  assertEqualRuns({
    model: () =>
      new Sequential(
        new Linear(20, 32),
        new ReLU(),
        new Dropout(0.5),
        new Linear(32, 16),
        new Dropout(0.3),
        new Linear(16, 10),
      ),
    optimizer: optimizers.SGD,
    shape: [8, 20],
    steps: 6,
    between: (i) => {
      if (i === 4) device.manualSeed(77);
    },
  }));
test.run();
