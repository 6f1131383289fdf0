// Batches made on the device against the same transforms on the CPU: every bit of every value.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset } from '../../datasets/dataset.ts';
import { batchOf } from '../../datasets/dataset.ts';
import { imagesOf } from '../../datasets/imagesOf.ts';
import { loadCifar10 } from '../../datasets/node/loadCifar.ts';
import { CenterCrop } from '../../datasets/transforms/centerCrop.ts';
import { ColorJitter } from '../../datasets/transforms/colorJitter.ts';
import { Compose } from '../../datasets/transforms/compose.ts';
import { Grayscale } from '../../datasets/transforms/grayscale.ts';
import { Normalize } from '../../datasets/transforms/normalize.ts';
import { Pad } from '../../datasets/transforms/pad.ts';
import { RandomCrop } from '../../datasets/transforms/randomCrop.ts';
import { RandomErasing } from '../../datasets/transforms/randomErasing.ts';
import { RandomGrayscale } from '../../datasets/transforms/randomGrayscale.ts';
import { RandomHorizontalFlip } from '../../datasets/transforms/randomHorizontalFlip.ts';
import { RandomResizedCrop } from '../../datasets/transforms/randomResizedCrop.ts';
import { RandomRotation } from '../../datasets/transforms/randomRotation.ts';
import { RandomVerticalFlip } from '../../datasets/transforms/randomVerticalFlip.ts';
import { Resize } from '../../datasets/transforms/resize.ts';
import { sampleRandom } from '../../datasets/transforms/sampleRandom.ts';
import { ToTensor } from '../../datasets/transforms/toTensor.ts';
import type { TensorImage, Transform } from '../../datasets/transforms/transform.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { DeviceDataset } from '../../training/deviceDataset.ts';

const test = suite('deviceDataset');
const mean = [0.4914, 0.4822, 0.4465];
const std = [0.247, 0.2435, 0.2616];
const tensor = [new ToTensor(), new Normalize(mean, std)];
const colour = formulaDataset([3, 32, 32], 40);
let device: Device;
test.before(async () => {
  device = await createDevice();
});
test.after(() => device.destroy());

const chains: Readonly<Record<string, readonly Transform[]>> = {
  'ToTensor alone': [new ToTensor()],
  'normalised, and normalised again': [...tensor, new Normalize([0.1, 0.2, 0.3], [2, 3, 4])],
  'the crops and flips of CIFAR-10': [new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip(), ...tensor],
  'a crop of other sides, padded by a colour': [
    new RandomCrop([30, 41], { padding: [1, 2, 8, 4], fill: [200, 3, 77] }),
    new RandomVerticalFlip(),
    ...tensor,
  ],
  'a crop larger than the image, padded where needed': [new RandomCrop([40, 20], { padIfNeeded: true }), ...tensor],
  'mirror images around it': [new Pad(5, { paddingMode: 'reflect' }), new RandomCrop(37), ...tensor],
  'mirror images with the border': [new Pad([3, 7], { paddingMode: 'symmetric' }), ...tensor],
  'borders drawn out, then a frame': [
    new Pad(3, { paddingMode: 'edge' }),
    new Pad([1, 2, 3, 4], { fill: 9 }),
    ...tensor,
  ],
  'six frames of different colours': [...[10, 20, 30, 40, 50, 60].map((fill) => new Pad(1, { fill })), ...tensor],
  'enlarged, its middle cut out': [new Resize(48), new CenterCrop([41, 39]), ...tensor],
  'a middle larger than the image': [new CenterCrop([35, 20]), ...tensor],
  'flipped, shrunk, padded, cropped': [
    new RandomHorizontalFlip(),
    new Resize([20, 27]),
    new RandomCrop(20, { padding: 3, fill: 255 }),
    ...tensor,
  ],
  'resized twice': [new Resize([50, 21]), new RandomVerticalFlip(), new Resize([23, 45]), ...tensor],
  'a random part, resized': [new RandomResizedCrop(24), new RandomHorizontalFlip(), ...tensor],
  'a random part of a padded image, enlarged': [new Pad(4), new RandomResizedCrop([64, 40]), ...tensor],
  brightness: [new ColorJitter({ brightness: 0.8 }), ...tensor],
  contrast: [new ColorJitter({ contrast: 0.9 }), ...tensor],
  saturation: [new ColorJitter({ saturation: 1 }), ...tensor],
  'all three in any order, between crops': [
    new RandomCrop(28),
    new ColorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 }),
    new RandomCrop(24, { padding: 1, fill: 5 }),
    ...tensor,
  ],
  'some of them grey': [new RandomGrayscale(0.5), ...tensor],
  'all of them grey, one channel': [new Grayscale(), new ToTensor(), new Normalize([0.5], [0.3])],
  'a rectangle erased': [...tensor, new RandomErasing({ p: 0.7, value: [0.1, -2, 3] })],
  'a rectangle erased before it is normalised': [
    new ToTensor(),
    new RandomErasing({ p: 1, value: 0.25 }),
    new Normalize(mean, std),
  ],
  'chains within chains': [new Compose([new RandomCrop(30), new Compose([new RandomHorizontalFlip()])]), ...tensor],
};

for (const [name, steps] of Object.entries(chains)) {
  test(`has the bits of the CPU: ${name}`, async () => {
    using onDevice = new DeviceDataset(device, colour);
    const transform = new Compose(steps);
    for (let seed = 0; seed < 8; seed++) {
      await assertSame(onDevice, transform, { indices: [seed, 39 - seed, 7, 7, 20], seed, epoch: seed * 3 });
    }
  });
}

test('grey images of odd sizes, made three channels for a network of colour images', async () => {
  using onDevice = new DeviceDataset(device, formulaDataset([1, 9, 7], 11));
  const crops = [new RandomCrop([9, 7], { padding: 2, fill: 30 }), new ColorJitter({ contrast: 0.5 })];
  const grey = new Compose([...crops, new ToTensor(), new Normalize([0.13], [0.31])]);
  const three = new Compose([...crops, new Grayscale(3), new Resize(16), ...tensor]);
  for (const transform of [grey, three]) {
    for (let seed = 0; seed < 8; seed++)
      await assertSame(onDevice, transform, { indices: [seed, 10, 0], seed, epoch: 1 });
  }
});

test('without a transform it is batchOf', async () => {
  using onDevice = new DeviceDataset(device, colour);
  using _scope = device.scope();
  const { x, labels } = onDevice.batch([3, 1, 39]);
  const expected = batchOf(colour, [3, 1, 39]);
  assert.equal(x.shape, expected.shape);
  assert.equal(await x.data(), expected.x);
  assert.equal(await labels.data(), expected.labels);
});

test('images beyond the binding limit are read in several launches', async () => {
  const small = await createDevice({ bindingLimit: 32768 });
  const steps = [new RandomCrop(24), new RandomHorizontalFlip(), ...tensor];
  using onDevice = new DeviceDataset(small, colour); // 120 KiB
  await assertSame(onDevice, new Compose(steps), { indices: [0, 39, 10, 11, 21, 22, 31], seed: 4, epoch: 2 });
  small.destroy();
});

test('other epochs and seeds draw otherwise, the same ones alike', async () => {
  using onDevice = new DeviceDataset(device, colour);
  using _scope = device.scope();
  const transform = new Compose([new RandomCrop(32, { padding: 4 }), ...tensor]);
  const drawn = async (seed: number, epoch: number) =>
    (await onDevice.batch([1, 2, 3, 4], { transform, seed, epoch }).x.data()).join();
  const first = await drawn(1, 0);
  assert.is(await drawn(1, 0), first);
  assert.is.not(await drawn(1, 1), first);
  assert.is.not(await drawn(2, 0), first);
});

test('memory stays flat over fifty batches, and nothing is left after dispose', () => {
  const before = device.memory();
  const onDevice = new DeviceDataset(device, colour);
  const transform = new Compose([
    new RandomResizedCrop(24),
    new ColorJitter({ contrast: 0.5, brightness: 0.5 }),
    ...tensor,
    new RandomErasing({ p: 1 }),
  ]);
  const seen = [];
  for (let epoch = 0; epoch < 50; epoch++) {
    using _scope = device.scope();
    onDevice.batch([1, 2, 3, 4, 5, 6], { transform, epoch });
    const { tensors, bytes } = device.memory();
    seen.push(`${tensors} ${bytes}`);
  }
  assert.is(new Set(seen.slice(1)).size, 1, seen.join(', '));
  assert.is(device.memory().tensors, before.tensors + 1);
  onDevice.dispose();
  assert.is(device.memory().tensors, before.tensors);
  assert.is(device.memory().bytes, before.bytes);
});

test('what the device cannot run is refused by name, with what it can', () => {
  using onDevice = new DeviceDataset(device, colour);
  const refused = (steps: Transform[], pattern: RegExp) =>
    assert.throws(
      () => onDevice.batch([0], { transform: new Compose(steps) }),
      (error: Error) => error instanceof ShapeError && pattern.test(error.message),
      `${steps.join(', ')}: ${pattern}`,
    );
  refused([new RandomRotation(10), ...tensor], /RandomRotation.*supported are CenterCrop, ColorJitter/);
  refused([new ColorJitter({ hue: 0.1 }), ...tensor], /ColorJitter.*hue/);
  refused([new RandomCrop(30)], /add ToTensor/);
  refused([...tensor, new RandomErasing({ value: 'random' })], /RandomErasing.*noise/);
  refused([...tensor, new RandomErasing(), new RandomErasing()], /RandomErasing.*one RandomErasing/);
  refused([...tensor, new RandomHorizontalFlip()], /RandomHorizontalFlip.*after ToTensor/);
  refused([new RandomCrop(33), ...tensor], /RandomCrop|33/);
});

test('indices and data sets that make no sense are refused', () => {
  using onDevice = new DeviceDataset(device, colour);
  for (const indices of [[], [-1], [40], [1.5], [Number.NaN]]) {
    assert.throws(
      () => onDevice.batch(indices),
      (error: Error) => error instanceof ShapeError && error.message.startsWith(colour.name),
    );
  }
  assert.throws(() => new DeviceDataset(device, { ...colour, count: 39 }), /39 images/);
  assert.throws(() => new DeviceDataset(device, formulaDataset([2, 4, 4], 2)), /1 or 3 channels/);
});

const root = process.env.WGRAD_DATA;
if (root) {
  test('CIFAR-10 as it is published', async () => {
    const cifar = await loadCifar10(root, { batches: [1] });
    using onDevice = new DeviceDataset(device, cifar);
    const transform = new Compose([
      new RandomCrop(32, { padding: 4 }),
      new RandomHorizontalFlip(),
      new Resize(64),
      new ColorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 }),
      ...tensor,
    ]);
    const indices = Array.from({ length: 64 }, (_, i) => (i * 157) % cifar.count);
    await assertSame(onDevice, transform, { indices, seed: 11, epoch: 5 });
  });
} else console.log('skipped: CIFAR-10 as it is published (WGRAD_DATA is not set)');
test.run();

interface Drawn {
  readonly indices: readonly number[];
  readonly seed: number;
  readonly epoch: number;
}

/** Holds a batch of the device against the transforms' own call on each image. */
async function assertSame(
  onDevice: DeviceDataset,
  transform: Transform,
  { indices, seed, epoch }: Drawn,
): Promise<void> {
  const { dataset } = onDevice;
  const { x, labels } = onDevice.batch(indices, { transform, seed, epoch });
  const actual = await x.data();
  assert.equal(
    [...(await labels.data())],
    indices.map((index) => dataset.labels[index]),
  );
  x.dispose();
  labels.dispose();
  const images = imagesOf(dataset);
  for (const [i, index] of indices.entries()) {
    const { image } = await images.get(index);
    const { data, shape } = transform.call(image, sampleRandom(seed, epoch, index)) as TensorImage;
    assert.equal(x.shape, [indices.length, ...shape]);
    const different = data.findIndex((value, at) => !Object.is(value, actual[i * data.length + at]));
    if (different >= 0) {
      const found = actual[i * data.length + different];
      throw new Error(`seed ${seed}, image ${index}: element ${different} is ${found}, on the CPU ${data[different]}`);
    }
  }
}

/** Pictures with smooth and rough parts, so that resizes round in every way. */
function formulaDataset(shape: Dataset['shape'], count: number): Dataset {
  const [channels, height, width] = shape;
  const size = channels * height * width;
  const images = Uint8Array.from({ length: count * size }, (_, i) => {
    const [column, row] = [i % width, Math.floor(i / width) % height];
    const noise = Math.imul(i + 1, 0x9e3779b1) >>> 24;
    return (i / size) % 2 < 1 ? noise : (column * 7 + row * 5 + (noise >> 4)) % 256;
  });
  return {
    name: 'formula',
    images,
    labels: Uint8Array.from({ length: count }, (_, i) => (i * 7) % 10),
    count,
    shape,
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    mean: mean.slice(0, channels),
    std: std.slice(0, channels),
  };
}
