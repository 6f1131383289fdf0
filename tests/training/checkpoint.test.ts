// Checkpoints survive crashes at any instant, and refuse what is not theirs.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Device } from '../../engine/device.ts';
import { Conv2d, Linear, Module } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam, SGD, StepLR } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { FormatError } from '../../kernels/errors.ts';
import { readCheckpoint, restoreCheckpoint, saveCheckpoint } from '../../training/node/index.ts';
import { startOfRun } from '../../training/progress.ts';

class Small extends Module {
  readonly conv: Conv2d;
  readonly fc = new Linear(4, 2);

  constructor(channels = 3) {
    super();
    this.conv = new Conv2d(1, channels, 3);
  }

  protected override forward(x: Tensor): Tensor {
    return this.fc.call(x);
  }
}

const test = suite('checkpoint');
const root = mkdtempSync(join(tmpdir(), 'wgrad-checkpoint-'));
let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => rmSync(root, { recursive: true }));

test('what was saved is restored: weights, states, hyperparameters, schedule, random state, progress', async () => {
  const [saved, folder] = [training({ seed: 1 }), freshFolder()];
  oneStep(saved);
  saved.scheduler.step();
  device.manualSeed(77);
  device.random.next();
  const progress = { ...startOfRun(), epoch: 3, batch: 2, step: 11, best: { epoch: 2, testAccuracy: 0.5 } };
  await saveCheckpoint(folder, saved, { config: { name: 'mine' }, progress });
  const weights = await saved.model.stateDict();
  const states = await saved.optimizer.stateDict();

  device.manualSeed(0);
  const other = training({ seed: 2 });
  const checkpoint = readCheckpoint(folder);
  restoreCheckpoint(checkpoint, other);
  assert.equal(await other.model.stateDict(), weights);
  assert.equal(await other.optimizer.stateDict(), states);
  assert.ok(states.tensors.size > 0, 'there is momentum to restore');
  assert.equal(other.scheduler.stateDict(), saved.scheduler.stateDict());
  assert.equal([device.random.seed, device.random.counter], [77, 1]);
  assert.equal(checkpoint.progress, progress);
  assert.equal(checkpoint.config, { name: 'mine' });
});

test('a crash at any instant of saving leaves the old or the new checkpoint, whole', async () => {
  const folder = freshFolder();
  const parts = training({ seed: 1 });
  const save = (step: number, at: string) =>
    saveCheckpoint(at, parts, { config: null, progress: { ...startOfRun(), step } });
  await save(1, folder);
  await save(2, `${folder}-new`);
  const [next, previous] = [`${folder}.next`, `${folder}.previous`];
  const step = () => readCheckpoint(folder, { onDamage: (message) => assert.unreachable(message) }).progress.step;

  mkdirSync(next); // while the new one is written
  writeFileSync(join(next, 'model.safetensors'), 'half');
  assert.is(step(), 1);
  rmSync(next, { recursive: true });
  cpSync(`${folder}-new`, next, { recursive: true }); // written, not yet in place
  assert.is(step(), 1);
  renameSync(folder, previous); // between the two renames
  assert.is(step(), 2);
  await save(3, folder); // the next run finishes what was begun
  assert.is(step(), 3);
  assert.not(existsSync(next));
  rmSync(folder, { recursive: true });
  assert.is(step(), 2);
  await save(4, folder);
  await save(5, folder);
  rmSync(folder, { recursive: true });
  assert.is(step(), 4, 'the one before is kept');
});

test('of a damaged checkpoint the one before it is read, and a warning says so', async () => {
  const parts = training({ seed: 1 });
  const damages: [file: string, damage: (bytes: Buffer) => Uint8Array, message: RegExp][] = [
    [
      'model.safetensors',
      flipped,
      /model\.safetensors: is damaged: its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}; /,
    ],
    ['optimizer.safetensors', flipped, /optimizer\.safetensors: is damaged/],
    ['state.json', flipped, /state\.json: is damaged/],
    ['manifest.json', flipped, /manifest\.json|is damaged/],
    ['model.safetensors', (bytes) => bytes.subarray(0, -1), /found (\d+) bytes, expected \d+: it was cut or changed/],
    ['state.json', () => new Uint8Array(), /state\.json: found 0 bytes/],
  ];
  for (const [file, damage, message] of damages) {
    const folder = freshFolder();
    for (const step of [1, 2])
      await saveCheckpoint(folder, parts, { config: null, progress: { ...startOfRun(), step } });
    const path = join(folder, file);
    writeFileSync(path, damage(readFileSync(path)));
    const warnings: string[] = [];
    const { progress } = readCheckpoint(folder, { onDamage: (warning) => warnings.push(warning) });
    assert.is(progress.step, 1, file);
    assert.is(warnings.length, 1);
    assert.match(warnings[0], message);
    assert.match(warnings[0], /going back to .*checkpoint\.previous, of step 1$/);
    await saveCheckpoint(folder, parts, { config: null, progress: { ...startOfRun(), step: 2 } });
    assert.is(readCheckpoint(folder).progress.step, 2);
  }
});

test('every flipped bit of a checkpoint is found', async () => {
  const folder = freshFolder();
  await saveCheckpoint(folder, training({ seed: 1 }), { config: null, progress: startOfRun() });
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const whole = readFileSync(path);
    for (let i = 0; i < whole.length; i += 7) {
      const bytes = Buffer.from(whole);
      bytes[i] ^= 1 << (i % 8);
      writeFileSync(path, bytes);
      refuses(() => readCheckpoint(folder), new RegExp(`${root}`));
    }
    writeFileSync(path, whole);
  }
  readCheckpoint(folder);
});

test('a checkpoint made before there were manifests is read', async () => {
  const folder = freshFolder();
  await saveCheckpoint(folder, training({ seed: 1 }), { config: null, progress: { ...startOfRun(), step: 7 } });
  rmSync(join(folder, 'manifest.json'));
  assert.is(readCheckpoint(folder).progress.step, 7);
});

test('a damaged file is refused by name', async () => {
  const folder = freshFolder();
  await saveCheckpoint(folder, training({ seed: 1 }), { config: null, progress: startOfRun() });
  rmSync(join(folder, 'manifest.json')); // which would find it sooner
  const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
  const damages: [file: string, bytes: string, message: RegExp][] = [
    ['state.json', '{"format"', /state\.json: expected JSON/],
    ['state.json', 'null', /state\.json: format must be "wgrad checkpoint", found nothing/],
    ['state.json', JSON.stringify({ ...state, version: 2 }), /version must be 1, .* found 2/],
    ['state.json', JSON.stringify({ ...state, progress: { ...state.progress, step: -1 } }), /progress\.step must be/],
    ['state.json', JSON.stringify({ ...state, random: { seed: 0 } }), /random\.counter must be .* found nothing/],
    ['state.json', JSON.stringify({ ...state, optimizer: { ...state.optimizer, steps: ['x'] } }), /optimizer\.steps/],
    ['model.safetensors', 'nonsense', /model\.safetensors: at byte 0/],
    ['optimizer.safetensors', '', /optimizer\.safetensors: at byte 0/],
  ];
  for (const [file, bytes, message] of damages) {
    const path = join(folder, file);
    const whole = readFileSync(path);
    writeFileSync(path, bytes);
    refuses(() => readCheckpoint(folder), message);
    rmSync(path);
    refuses(() => readCheckpoint(folder), /missing; a checkpoint has it/);
    writeFileSync(path, whole);
  }
  readCheckpoint(folder);
  refuses(() => readCheckpoint(join(root, 'nothing')), /there is no checkpoint/);
});

test('a checkpoint of another model, optimizer or schedule is refused', async () => {
  const folder = freshFolder();
  await saveCheckpoint(folder, training({ seed: 1 }), { config: null, progress: startOfRun() });
  const checkpoint = readCheckpoint(folder);
  const wider = new Small(5).to(device);
  const narrow = new Small().to(device);
  const sgd = new SGD(narrow.parameters(), { lr: 0.1, momentum: 0.9 });
  refuses(
    () => restoreCheckpoint(checkpoint, { ...training({ seed: 1 }), model: wider }),
    /model\.safetensors: .*\n.*conv\.weight: given \[3, 1, 3, 3\], wanted \[5, 1, 3, 3\]/,
  );
  refuses(
    () => restoreCheckpoint(checkpoint, { ...training({ seed: 1 }), optimizer: new Adam(narrow.parameters()) }),
    /optimizer\.safetensors: Adam\.loadStateDict: given the state of SGD/,
  );
  refuses(
    () => restoreCheckpoint(checkpoint, { model: narrow, device, optimizer: sgd }),
    /state\.json: holds StepLR, expected none/,
  );
});

test.run();

function training({ seed }: { seed: number }) {
  const model = new Small().to(device, { seed });
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  return { model, device, optimizer, scheduler: new StepLR(optimizer, { stepSize: 1, gamma: 0.5 }) };
}

function oneStep({ model, optimizer }: ReturnType<typeof training>): void {
  using _ = device.scope();
  model.call(device.tensor([1, 2, 3, 4], [1, 4])).backward(device.tensor([1, -1], [1, 2]));
  optimizer.step();
}

function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed[changed.length >> 1] ^= 1;
  return changed;
}

function freshFolder(): string {
  return join(mkdtempSync(join(root, 'run-')), 'checkpoint');
}

function refuses(act: () => unknown, message: RegExp): void {
  try {
    act();
  } catch (error) {
    assert.instance(error, FormatError);
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable(`nothing was thrown, expected ${message}`);
}
