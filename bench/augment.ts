// Augmented CIFAR-10 batches: transforms on the CPU and an upload, against DeviceDataset. Both end in the same tensor on
// the device; the two ways take turns, and the median of the rounds counts. The bytes are made by formula.
//   npx tsx bench/augment.ts [--rounds N] [--batch N] [--json FILE]
import { Command } from 'commander';
import type { Dataset } from '../datasets/dataset.ts';
import { imagesOf } from '../datasets/imagesOf.ts';
import { Compose } from '../datasets/transforms/compose.ts';
import { Normalize } from '../datasets/transforms/normalize.ts';
import { RandomCrop } from '../datasets/transforms/randomCrop.ts';
import { RandomHorizontalFlip } from '../datasets/transforms/randomHorizontalFlip.ts';
import { Resize } from '../datasets/transforms/resize.ts';
import { sampleRandom } from '../datasets/transforms/sampleRandom.ts';
import { ToTensor } from '../datasets/transforms/toTensor.ts';
import type { TensorImage, Transform } from '../datasets/transforms/transform.ts';
import type { Device } from '../engine/device.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { DeviceDataset } from '../training/deviceDataset.ts';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';
import { median } from './suite/statistics.ts';

const IMAGES = 2000;
const SEED = 1;

const { rounds, batch, json } = new Command('augment')
  .description('Times augmented CIFAR-10 batches on the CPU and on the device.')
  .option('--rounds <n>', 'rounds; the median counts', positiveInteger, 15)
  .option('--batch <n>', 'images of a batch', positiveInteger, 64)
  .option('--json <file>', 'write the results there too')
  .parse()
  .opts<{ rounds: number; batch: number; json?: string }>();

const dataset = cifarLike(IMAGES);
const normalize = [new ToTensor(), new Normalize(dataset.mean, dataset.std)];
const augment = [new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip()];
const chains: Readonly<Record<string, Transform>> = {
  'crop, flip, normalize': new Compose([...augment, ...normalize]),
  'crop, flip, resize 64, normalize': new Compose([...augment, new Resize(64), ...normalize]),
};

const device = await createDevice();
using onDevice = new DeviceDataset(device, dataset);
const results = [];
for (const [chain, transform] of Object.entries(chains)) results.push({ chain, ...(await compare(transform)) });
const report = { ...environment(), adapter: device.adapterName, batch, rounds, results };
console.log(JSON.stringify(report, null, 2));
if (json) replaceFile(json, `${JSON.stringify(report, null, 2)}\n`);
device.destroy();

async function compare(transform: Transform) {
  const cpuMs: number[] = [];
  const deviceMs: number[] = [];
  /** How long the device path keeps JavaScript busy: planning, uploads and recording. */
  const planMs: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const indices = Array.from({ length: batch }, (_, i) => (i * 31 + (round + 2) * batch) % IMAGES);
    const cpu = await timed(() => cpuBatch(device, transform, indices, round + 2));
    const onGpu = await timed(async () => {
      using _scope = device.scope();
      const started = performance.now();
      onDevice.batch(indices, { transform, seed: SEED, epoch: round + 2 });
      const planned = performance.now() - started;
      await device.idle();
      return planned;
    });
    if (round < 0) continue; // compiles and fills the pool
    cpuMs.push(cpu.ms);
    deviceMs.push(onGpu.ms);
    planMs.push(onGpu.result);
  }
  return { cpuMs: median(cpuMs), deviceMs: median(deviceMs), planMs: median(planMs), rounds: { cpuMs, deviceMs } };
}

async function cpuBatch(on: Device, transform: Transform, indices: readonly number[], epoch: number): Promise<void> {
  using _scope = on.scope();
  const images = imagesOf(dataset);
  let x = new Float32Array(0);
  let shape: TensorImage['shape'] = [0, 0, 0];
  for (const [i, index] of indices.entries()) {
    const { image } = await images.get(index);
    const made = transform.call(image, sampleRandom(SEED, epoch, index)) as TensorImage;
    if (i === 0) x = new Float32Array(indices.length * made.data.length);
    x.set(made.data, i * made.data.length);
    shape = made.shape;
  }
  on.tensor(x, [indices.length, ...shape]);
  await on.idle();
}

async function timed<T>(run: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const started = performance.now();
  const result = await run();
  return { ms: performance.now() - started, result };
}

function cifarLike(count: number): Dataset {
  const images = Uint8Array.from({ length: count * 3 * 32 * 32 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
  return {
    name: 'CIFAR-10 by formula',
    images,
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
    count,
    shape: [3, 32, 32],
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
  };
}
