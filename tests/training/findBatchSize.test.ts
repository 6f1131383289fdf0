// The search for a batch size: within memory, as far as it pays, and without a trace.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { BatchNorm2d, Conv2d, Dropout, Flatten, Linear, Module, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { OutOfMemoryError, ShapeError } from '../../kernels/errors.ts';
import {
  defaultRecipe,
  type FindBatchSizeOptions,
  findBatchSize,
  type Snapshot,
  takeSnapshot,
} from '../../training/index.ts';
import { checkpointFolder, readCheckpoint, run } from '../../training/node/index.ts';

const test = suite('batch size');
const trainSet = glyphs({ count: 100 });

let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => device.destroy());

/** Memory for so many images. */
class Room extends Module {
  readonly images: number;
  seen: number[] = [];

  constructor(images: number) {
    super();
    this.images = images;
  }

  protected override forward(x: Tensor): Tensor {
    const [n] = x.shape;
    this.seen.push(n);
    if (n > this.images) throw new OutOfMemoryError(`no room for ${n} images`);
    return x;
  }
}

/** Without the optimizer's states, which are zeros in memory or not there yet. */
function plain({ model, optimizer, random }: Snapshot) {
  const { tensors, ...others } = optimizer;
  for (const { data } of tensors.values()) assert.ok(data.every((value) => value === 0));
  return { model, optimizer: others, random };
}

async function search(room: Room, given: Partial<FindBatchSizeOptions> = {}) {
  const model = new Sequential(
    new Conv2d(1, 4, 5),
    new BatchNorm2d(4),
    new ReLU(),
    room,
    new Flatten(),
    new Dropout(0.5),
    new Linear(4 * 24 * 24, 10),
  ).to(device, { seed: 3 });
  const optimizer = new Adam(model.parameters());
  const parts = { model, device, optimizer };
  const progress = { epoch: 0 } as Parameters<typeof takeSnapshot>[1];
  const before = await takeSnapshot(parts, progress);
  try {
    const found = await findBatchSize({ ...parts, trainSet, ...given });
    assert.equal(plain(await takeSnapshot(parts, progress)), plain(before));
    return found;
  } finally {
    optimizer.dispose();
    model.dispose();
    assert.is(device.memory().tensors, 0);
  }
}

test('it ends where memory does, and everything is as before', async () => {
  const { batchSize, trials, limit } = await search(new Room(20));
  assert.is(limit, 'memory');
  assert.is(batchSize, 16);
  assert.equal(
    trials.map((trial) => [trial.batchSize, trial.imagesPerSecond === undefined]),
    [
      [8, false],
      [16, false],
      [32, true],
    ],
  );
});

test('where the first does not fit it goes down', async () => {
  const { batchSize, trials, limit } = await search(new Room(3));
  assert.equal([batchSize, limit], [2, 'memory']);
  assert.equal(
    trials.map((trial) => trial.batchSize),
    [8, 4, 2],
  );
});

test('where not even one image fits it says so', async () => {
  try {
    await search(new Room(0));
    assert.unreachable('expected an OutOfMemoryError');
  } catch (error) {
    assert.instance(error, OutOfMemoryError);
    assert.match((error as Error).message, /no room for 1 images/);
  }
});

test('it never takes more than there are, or than is wanted', async () => {
  for (const [given, most] of [
    [{}, trainSet.count],
    [{ largest: 12 }, 12],
  ] as const) {
    const room = new Room(1000);
    const { batchSize } = await search(room, given);
    assert.ok(Math.max(...room.seen) <= most);
    assert.ok(batchSize <= most);
  }
});

test('a size that is none is refused', async () => {
  try {
    await search(new Room(10), { largest: 0 });
    assert.unreachable('expected a ShapeError');
  } catch (error) {
    assert.instance(error, ShapeError);
    assert.match((error as Error).message, /largest must be a whole number from 1, given 0/);
  }
});

test('a run keeps what was found', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'wgrad-')), 'run');
  const fresh = await createDevice();
  const sizes: number[] = [];
  const { config } = await run({
    config: {
      ...{ ...defaultRecipe(), model: 'lenet5', dataset: 'glyphs', data: null, epochs: 1, seed: 0, limit: 40 },
      batchSize: 'auto',
    },
    ...{ device: fresh, trainSet, testSet: trainSet, out },
    onBatchSize: ({ batchSize }) => sizes.push(batchSize),
  });
  assert.equal(sizes, [config.batchSize]);
  assert.ok(config.batchSize >= 8 && config.batchSize <= 40);
  assert.equal((readCheckpoint(checkpointFolder(out)).config as typeof config).batchSize, config.batchSize);
  rmSync(out, { recursive: true });
  fresh.destroy();
});

test.run();
