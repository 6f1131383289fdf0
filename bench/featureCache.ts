// What keeping the features of a frozen trunk saves: seconds of each epoch of SqueezeNet 1.1's head on CIFAR-10, with and
// without, from the real ImageNet trunk, and whether both end with the same bytes.
//   WGRAD_DATA=… npx tsx bench/featureCache.ts [images]      fails below 20 times
import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadCifar10 } from '../datasets/node/index.ts';
import { subset } from '../datasets/subset.ts';
import { openCheckpoint } from '../engine/node/checkpoint.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { loadWeights } from '../engine/serialization/index.ts';
import { modelEntry } from '../models/index.ts';
import { datasetSource } from '../training/index.ts';
import { fineTune } from '../training/node/index.ts';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';

const MIN_RATIO = 20;
const EPOCHS = 3;
const WEIGHTS = 'pretrained/lpips_squeeze.pt';

const program = new Command('featureCache')
  .argument('[images]', 'training images', positiveInteger, 1000)
  .option('--size <pixels>', 'images are resized to', positiveInteger, 64)
  .option('--adapter <name>', "part of an adapter's name")
  .parse();
const { size, adapter } = program.opts<{ size: number; adapter?: string }>();
const [images] = program.processedArgs as [number];
const root = process.env.WGRAD_DATA;
if (!root) throw new Error(`set WGRAD_DATA to a folder with CIFAR-10 and ${WEIGHTS}`);

const device = await createDevice(adapter === undefined ? {} : { adapter });
const entry = modelEntry('squeezenet1_1');
const known = entry.weights.find(({ file }) => WEIGHTS.endsWith(file))!;
const preprocessing = { ...known.preprocessing, resize: size, crop: size };
const indices = Array.from({ length: images }, (_, i) => i);
const train = datasetSource(subset(await loadCifar10(root, { batches: [1] }), indices), { preprocessing });
const test = datasetSource(subset(await loadCifar10(root, { train: false }), indices.slice(0, 100)), { preprocessing });
console.error(`squeezenet1_1, ${images} images at ${size}x${size}, batches of 64, on ${device.adapterName}`);

const [kept, fresh] = [await run('auto'), await run('none')];
const ratio = kept.seconds[0] / kept.seconds[1];
const isSame = kept.bytes === fresh.bytes;
console.log(
  JSON.stringify({
    ...{ images, size, cache: kept.cache, seconds: kept.seconds, secondsWithout: fresh.seconds },
    ...{ ratio, isSame, adapter: device.adapterName, ...environment() },
  }),
);
if (ratio < MIN_RATIO || !isSame) process.exitCode = 1;
device.destroy();

async function run(cache: 'auto' | 'none') {
  const model = entry.create();
  const file = await openCheckpoint(resolve(root!, WEIGHTS));
  await loadWeights(model, file, { rename: known.rename, skip: [entry.head] });
  await file.close();
  const options = { device, head: entry.head, numClasses: 10, epochs: EPOCHS, cache };
  const { epochs, cache: report } = await fineTune(model, { train, test }, options);
  const values = await model.getSubmodule(entry.head).stateDict();
  const bytes = [...values.values()].map(({ data }) => Buffer.from(data.buffer).toString('hex')).join();
  model.dispose();
  return { seconds: epochs.map(({ seconds }) => seconds), bytes, cache: report.kind };
}
