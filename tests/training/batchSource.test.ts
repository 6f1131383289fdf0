// Images for fine-tuning made by this thread or by workers: the same bytes, the same errors.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Compose,
  type ImageDataset,
  Normalize,
  RandomCrop,
  RandomHorizontalFlip,
  Resize,
  subset,
  ToTensor,
} from '../../datasets/index.ts';
import { encodePng, openImageFolder } from '../../datasets/node/index.ts';
import { FormatError } from '../../kernels/errors.ts';
import { type BatchSource, sourceSubset } from '../../training/index.ts';
import { preprocessedSource, transformedSource } from '../../training/node/index.ts';
import { patternSet } from './patternSet.ts';

const test = suite('batch sources');
const root = mkdtempSync(join(tmpdir(), 'wgrad-sources-'));
const set = patternSet({ count: 9 });
const indices = Uint32Array.of(7, 0, 3, 8, 1);
const norm = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] };

test.before(() => {
  for (const [name, level] of Object.entries({ dark: 20, light: 200 })) {
    mkdirSync(join(root, name));
    for (let i = 0; i < 4; i++) {
      const [width, height] = [20 + i, 30 - i];
      const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => (level + at * (i + 1)) % 256);
      writeFileSync(join(root, name, `${i}.png`), encodePng({ width, height, channels: 3, data }));
    }
  }
});
test.after(() => rmSync(root, { recursive: true }));

test('augmented images in memory are the same bytes from 0 and 2 workers, in every epoch', async () => {
  const steps = [new RandomCrop(16, { padding: 4 }), new RandomHorizontalFlip(), new Resize([20, 20])];
  const transform = new Compose([...steps, new ToTensor(), new Normalize(norm.mean, norm.std)]);
  await sameBatches((workers) => transformedSource(set, transform, { seed: 3, workers }));
});

test('a folder of pictures of several sizes, or a part of one, is the same bytes from 0 and 2 workers', async () => {
  const folder = await openImageFolder(root, { cache: false });
  const part = subset(folder, [5, 1, 0, 2, 3, 4, 7, 6, 1]);
  await sameBatches((workers) => preprocessedSource(part, { resize: 18, crop: 16, ...norm }, { workers }));
});

test('a part of a source made by workers goes to the same workers, of which one suffices', async () => {
  const source = await preprocessedSource(set, { resize: 12, ...norm }, { workers: 2 });
  const [whole, part] = [
    await source.batch(indices, 0),
    await sourceSubset(source, indices).batch(Uint32Array.of(2), 0),
  ];
  const size = 3 * 12 * 12;
  assert.equal(part.x, whole.x.slice(2 * size, 3 * size));
  await source.close!();
});

test('closed workers begin anew when another batch is asked for', async () => {
  const source = await preprocessedSource(set, norm, { workers: 1 });
  const first = await source.batch(indices, 0);
  await source.close!();
  assert.equal(await source.batch(indices, 0), first);
  await source.close!();
});

test('of several damaged pictures the first of the batch is named, whoever reads them', async () => {
  const folder = join(root, '..', `${root.split('/').at(-1)}-damaged`);
  mkdirSync(join(folder, 'a'), { recursive: true });
  const png = encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) });
  for (const i of [0, 1, 2, 3, 4, 5]) {
    writeFileSync(join(folder, 'a', `${i}.png`), i === 2 || i === 5 ? png.subarray(0, 40) : png);
  }
  try {
    for (const workers of [0, 2]) {
      const source = await preprocessedSource(await openImageFolder(folder, { cache: false }), norm, { workers });
      const error = await Promise.resolve(source.batch(Uint32Array.of(0, 5, 1, 3, 2, 4), 0)).catch((thrown) => thrown);
      assert.instance(error, FormatError);
      assert.match(error.message, /5\.png/);
      await source.close!();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('pictures that become tensors of several shapes are refused with the shape of each', async () => {
  const folder = await openImageFolder(root, { cache: false });
  for (const workers of [0, 2]) {
    const source = await transformedSource(folder, new ToTensor(), { workers });
    const error = await Promise.resolve(source.batch(indices.slice(1, 3), 0)).catch((thrown) => thrown);
    assert.match(error.message, /image 3 becomes \[3, 27, 23\], image 0 \[3, 30, 20\]: end with a crop of one size/);
    await source.close!();
  }
});

test('what workers cannot be sent is refused at once', async () => {
  const call = () => ({ data: new Float32Array(1), shape: [1, 1, 1] as const });
  const own: ImageDataset = {
    ...{ name: 'mine', count: 1, classes: ['a'], labels: Uint32Array.of(0), bad: [] },
    get: async () => ({ image: { width: 1, height: 1, channels: 1, data: new Uint8Array(1) }, target: 0 }),
  };
  const refusals: [Promise<BatchSource>, RegExp][] = [
    [transformedSource(set, { call }, { workers: 1 }), /without toJSON cannot be sent to workers/],
    [transformedSource(own, new ToTensor(), { workers: 1 }), /workers cannot open mine, for it has no source/],
    [transformedSource(set, new ToTensor(), { workers: -1 }), /workers must be an integer in 0\.\.256, not -1/],
    [transformedSource(set, new RandomCrop(8)), /still an image after the transform: end it with ToTensor/],
  ];
  for (const [refused, message] of refusals) {
    const error = await refused.catch((thrown) => thrown);
    assert.instance(error, Error);
    assert.match((error as Error).message, message);
  }
});

test.run();

async function sameBatches(open: (workers: number) => Promise<BatchSource>): Promise<void> {
  const single = await open(0);
  const source = await open(2);
  assert.equal([source.shape, source.isRandom, source.count], [single.shape, single.isRandom, single.count]);
  for (const epoch of [0, 2]) assert.equal(await source.batch(indices, epoch), await single.batch(indices, epoch));
  await source.close!();
}
