// How fast the loader gives photographs with 0, 1 and 2 workers, and how much of a LeNet-5 epoch waits for data.
//   npx tsx bench/loader.ts [--images N] [--batch N] [--rounds N] [--limit N] [--json FILE]
// Data: $WGRAD_DATA/imagenet-samples and $WGRAD_DATA/mnist; a part whose data is missing is left out, and said so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { DataLoader as AnyDataLoader, batchOf, type Dataset } from '../datasets/index.ts';
import { DataLoader } from '../datasets/node/dataLoader.ts';
import { loadMnist } from '../datasets/node/loadMnist.ts';
import { Compose } from '../datasets/transforms/compose.ts';
import { Normalize } from '../datasets/transforms/normalize.ts';
import { RandomHorizontalFlip } from '../datasets/transforms/randomHorizontalFlip.ts';
import { RandomResizedCrop } from '../datasets/transforms/randomResizedCrop.ts';
import { ToTensor } from '../datasets/transforms/toTensor.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { SGD } from '../engine/optim/index.ts';
import { LeNet5 } from '../models/lenet.ts';
import { train } from '../training/trainer.ts';
import { environment } from './environment.ts';
import { openPhotos } from './loaderPhotos.ts';
import { positiveInteger } from './positiveInteger.ts';
import { columns } from './suite/columns.ts';
import { median } from './suite/statistics.ts';

interface Throughput {
  workers: number;
  /** From the first `next()` to the first batch: threads start and open the data set. */
  firstBatchMs: number;
  /** Of each round, workers kept. */
  imagesPerSecond: number[];
}

interface Waiting {
  adapter: string;
  images: number;
  /** Of the epoch, without the test after it. */
  epochSeconds: number;
  /** Awaiting the loader. */
  waitSeconds: number;
  /** What normalising all batches takes when nothing else runs, most of it while the loop awaits the GPU. */
  prepareSeconds: number;
}

const options = new Command('loader')
  .description('Times the data loader: photographs with and without workers, and the share of waiting in training.')
  .option('--images <n>', 'photographs per round', positiveInteger, 100)
  .option('--batch <n>', 'photographs in a batch', positiveInteger, 10)
  .option('--rounds <n>', 'alternating rounds; the median counts', positiveInteger, 5)
  .option('--limit <n>', 'MNIST images of the LeNet-5 epoch', positiveInteger, 60_000)
  .option('--json <file>', 'write the results there too')
  .parse()
  .opts<{ images: number; batch: number; rounds: number; limit: number; json?: string }>();

const data = process.env.WGRAD_DATA ?? '';
const photos = join(data, 'imagenet-samples');
const throughput = existsSync(photos) ? await measureThroughput() : undefined;
const waiting = existsSync(join(data, 'mnist')) ? await measureWaiting() : undefined;
const { json, ...settings } = options;
const report = { ...environment(), ...settings, throughput, waiting };
console.log(`${report.date}, commit ${report.commit}, ${report.cpu}, node ${report.node}\n`);
console.log(throughput ? throughputTable(throughput) : `no photographs: ${photos} is missing`);
console.log(waiting ? waitingLine(waiting) : 'no MNIST: set WGRAD_DATA');
if (json) replaceFile(json, `${JSON.stringify(report, null, 2)}\n`);
process.exit(0); // Dawn keeps the process alive

/** One epoch each, the order turning around from round to round, so that a busy machine hits all alike. */
async function measureThroughput(): Promise<Throughput[]> {
  const transform = new Compose([
    new RandomResizedCrop(224),
    new RandomHorizontalFlip(),
    new ToTensor(),
    new Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
  ]);
  const set = openPhotos(photos, options.images);
  const entered = [0, 1, 2].map((workers) => {
    const loader = new DataLoader(set, { batchSize: options.batch, transform, workers, persistentWorkers: true });
    return { loader, result: { workers, firstBatchMs: 0, imagesPerSecond: [] } as Throughput };
  });
  for (const { loader, result } of entered) {
    const started = performance.now();
    for await (const _ of loader) break;
    result.firstBatchMs = performance.now() - started;
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const { loader, result } of round % 2 === 0 ? entered : entered.toReversed()) {
      const started = performance.now();
      for await (const _ of loader);
      result.imagesPerSecond.push((options.images * 1000) / (performance.now() - started));
    }
  }
  await Promise.all(entered.map(({ loader }) => loader.close()));
  return entered.map(({ result }) => result);
}

function throughputTable(results: Throughput[]): string {
  const one = median(results.find(({ workers }) => workers === 1)!.imagesPerSecond)!;
  const rows = results.map(({ workers, firstBatchMs, imagesPerSecond }) => [
    ...[String(workers), `${firstBatchMs.toFixed(0)} ms`, `${median(imagesPerSecond).toFixed(1)}`],
    ...[`${Math.min(...imagesPerSecond).toFixed(1)}-${Math.max(...imagesPerSecond).toFixed(1)}`],
    `${(median(imagesPerSecond) / one).toFixed(2)}x`,
  ]);
  const header = ['workers', 'first batch', 'images/s', 'min-max', 'to one worker'];
  return `RandomResizedCrop(224), flip, ToTensor, Normalize of JPEG photographs\n${columns([header, ...rows]).join('\n')}\n`;
}

async function measureWaiting(): Promise<Waiting> {
  const trainSet = await loadMnist(data);
  const { limit } = options;
  const images = Math.min(limit, trainSet.count);
  const device = await createDevice();
  const model = new LeNet5().to(device);
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const testSet = {
    ...trainSet,
    count: 64,
    images: trainSet.images.subarray(0, 64 * 784),
    labels: trainSet.labels.subarray(0, 64),
  };
  const common = { model, device, trainSet, testSet, optimizer, batchSize: 64 };
  await train({ ...common, epochs: 1, limit: 640 }); // compiles
  const loaders = watchLoaders();
  const { progress } = await train({ ...common, epochs: 1, limit: images });
  const waitSeconds = loaders.reduce((sum, loader) => sum + loader.waitSeconds, 0);
  return {
    adapter: device.adapterName,
    images,
    epochSeconds: progress.trainingSeconds,
    waitSeconds,
    prepareSeconds: preparingAlone(trainSet, images),
  };
}

/** The loaders that `train` makes for itself, as they begin an epoch. */
function watchLoaders(): AnyDataLoader[] {
  const loaders: AnyDataLoader[] = [];
  const { prototype } = AnyDataLoader;
  const begin = prototype[Symbol.asyncIterator];
  prototype[Symbol.asyncIterator] = function (this: AnyDataLoader) {
    loaders.push(this);
    return begin.call(this);
  };
  return loaders;
}

function preparingAlone(dataset: Dataset, images: number): number {
  const started = performance.now();
  for (let from = 0; from < images; from += 64) {
    batchOf(
      dataset,
      Array.from({ length: Math.min(64, images - from) }, (_, i) => from + i),
    );
  }
  return (performance.now() - started) / 1000;
}

function waitingLine({ adapter, images, epochSeconds, waitSeconds, prepareSeconds }: Waiting): string {
  const percent = (seconds: number) => `${((100 * seconds) / epochSeconds).toFixed(2)} %`;
  return [
    `LeNet-5 on ${images} images of MNIST, batch 64, ${adapter}: ${epochSeconds.toFixed(1)} s`,
    `  awaiting data ${waitSeconds.toFixed(2)} s (${percent(waitSeconds)})`,
    `  preparing data alone ${prepareSeconds.toFixed(2)} s (${percent(prepareSeconds)})`,
  ].join('\n');
}
