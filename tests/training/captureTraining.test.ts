// Training and fine-tuning capture their steps by themselves; the bytes are those of eager steps.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import type { CapturedStep } from '../../engine/capture/index.ts';
import type { Device } from '../../engine/device.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { AdamW, GradScaler, OneCycleLR } from '../../engine/optim/index.ts';
import { CaptureError } from '../../kernels/errors.ts';
import { createModel } from '../../models/index.ts';
import { datasetSource, type FineTuneOptions, type TrainOptions, train } from '../../training/index.ts';
import { fineTune } from '../../training/node/index.ts';
import { StepRunner } from '../../training/stepRunner.ts';
import { patternSet } from './patternSet.ts';

const test = suite('captured training');

/** 3 full batches and one of 5 images. */
const trainSet = glyphs({ count: 53 });
const testSet = glyphs({ train: false, count: 10 });

/** A device that counts what is captured and replayed, or refuses all captures. */
async function watchedDevice({
  refuses = false,
} = {}): Promise<{ device: Device; count: Record<'captures' | 'replays', number> }> {
  const device = await createDevice();
  const count = { captures: 0, replays: 0 };
  const capture = device.capture.bind(device);
  device.capture = <Result>(fn: () => Result): CapturedStep<Result> => {
    if (refuses) throw new CaptureError('capture: refused by the test');
    const captured = capture(fn);
    count.captures++;
    const replay = captured.replay.bind(captured);
    captured.replay = () => {
      count.replays++;
      return replay();
    };
    return captured;
  };
  return { device, count };
}

async function trained(
  { device }: { device: Device },
  options: Partial<TrainOptions> = {},
  prepare?: (model: AnyModule) => void,
) {
  const model = createModel('lenet5').to(device, { seed: 4 });
  prepare?.(model);
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const scheduler = new OneCycleLR(optimizer, { maxLr: 1e-2, totalSteps: 8 });
  const losses: number[] = [];
  const onStep: TrainOptions['onStep'] = ({ loss, lr }) => losses.push(loss, lr);
  await train({
    ...{ model, device, trainSet, testSet, optimizer, scheduler, onStep },
    epochs: 2,
    batchSize: 16,
    ...options,
  });
  const values = [...(await model.stateDict())];
  optimizer.dispose();
  model.dispose();
  const { tensors, bytes } = device.memory();
  return { losses, values, tensors, bytes };
}

test('float16: only the update stands outside of the captured step, and the bytes are those of eager training', async () => {
  const [free, eager] = [await watchedDevice(), await watchedDevice()];
  const [scaler, same] = [new GradScaler({ initScale: 2 ** 24 }), new GradScaler({ initScale: 2 ** 24 })];
  const captured = await trained(free, { scaler });
  assert.equal(free.count, { captures: 2, replays: 4 });
  assert.equal(captured, await trained(eager, { scaler: same, capture: false }));
  assert.equal(scaler.stateDict(), same.stateDict());
  assert.ok(scaler.currentScale < 2 ** 24, 'a step overflowed and was left out');
});

test('training captures once an epoch, runs the short last batch as it is, and equals eager training', async () => {
  const [free, eager] = [await watchedDevice(), await watchedDevice()];
  const captured = await trained(free);
  assert.equal(free.count, { captures: 2, replays: 4 });
  assert.equal(captured, await trained(eager, { capture: false }));
  assert.equal(eager.count, { captures: 0, replays: 0 });
  const refusing = await watchedDevice({ refuses: true });
  assert.equal(captured, await trained(refusing));
  for (const { device } of [free, eager, refusing]) device.destroy();
});

test('with a hook on a module every step runs as it is, and the hook is called', async () => {
  const { device, count } = await watchedDevice();
  let calls = 0;
  await trained({ device }, { epochs: 1 }, (model) => {
    model.registerForwardHook((_, [x]) => {
      if (x.shape[0] === 16) calls++;
      return undefined;
    });
  });
  assert.equal(count, { captures: 0, replays: 0 });
  assert.is(calls, 3);
  device.destroy();
});

test('fine-tuning captures its steps, from images and from kept features, and equals eager fine-tuning', async () => {
  const settings: Partial<FineTuneOptions>[] = [
    { cache: 'none', freeze: 'none', clipNorm: 1 },
    { cache: 'device', freeze: 'backbone' },
    { cache: 'none', freeze: 'backbone', unfreezeEvery: 1 },
  ];
  for (const setting of settings) {
    const runs: unknown[] = [];
    for (const refuses of [false, true]) {
      const { device, count } = await watchedDevice({ refuses });
      const model = createModel('resnet20', { numClasses: 4 }).to(device);
      const data = {
        train: datasetSource(patternSet({ count: 27 })),
        test: datasetSource(patternSet({ count: 9, seed: 1 })),
      };
      const result = await fineTune(model, data, {
        ...setting,
        device,
        epochs: 2,
        batchSize: 8,
        lr: 0.01,
      } as FineTuneOptions);
      if (!refuses) assert.equal(count, { captures: 2, replays: 4 }, JSON.stringify(setting));
      runs.push([result.epochs.map(({ trainLoss }) => trainLoss), [...(await model.stateDict())]]);
      device.destroy();
    }
    assert.equal(runs[0], runs[1], JSON.stringify(setting));
  }
});

test('an epoch compiles what its steps run before the first of them', async () => {
  const warmed = async (run: (device: Device) => Promise<unknown>) => {
    const device = await createDevice();
    const made: number[] = [];
    const warmUp = device.warmUp.bind(device);
    device.warmUp = async (fn) => {
      made.push(await warmUp(fn));
      return made.at(-1)!;
    };
    await run(device);
    device.destroy();
    return made;
  };
  const training = await warmed((device) => trained({ device }));
  assert.ok(training[0] > 5, `${training} pipelines made by training`);
  assert.equal(training.slice(1), [0], 'the second epoch finds them ready');

  const tuning = await warmed((device) => {
    const model = createModel('lenet5').to(device, { seed: 4 });
    const data = { train: datasetSource(trainSet), test: datasetSource(testSet) };
    return fineTune(model, data, { device, freeze: 'backbone', epochs: 2, batchSize: 16, lr: 0.01 });
  });
  assert.ok(tuning[0] > 2, `${tuning} pipelines made by fine-tuning`);
  assert.equal(tuning.slice(1), [0]);
});

test('a step that changes all the time is left alone after a few captures', async () => {
  const { device, count } = await watchedDevice();
  const model = createModel('lenet5').to(device);
  using runner = new StepRunner({
    device,
    step: (x) => {
      const logits = model.call(x) as ReturnType<Device['empty']>;
      return { loss: logits.sum(), predictions: logits.argmax(1) };
    },
  });
  for (let i = 0; i < 8; i++) {
    using _ = device.scope();
    model.train(i % 2 === 0);
    runner.run({ x: { values: new Float32Array(2 * 784), shape: [2, 1, 28, 28] }, labels: Uint32Array.of(1, 2) });
  }
  assert.is(count.captures, 4);
  assert.match(runner.refusal!, /changed 4 times/);
  device.destroy();
});

test.run();
