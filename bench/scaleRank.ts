// One rank of `wgrad bench scale`: measures allreduces of several sizes, then training steps. Rank 0 prints JSON.
//   mpirun -n N node --import tsx bench/scaleRank.ts '{"model":"lenet5","batch":64,"steps":50,…}'
import type { Dataset } from '../datasets/dataset.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { SGD } from '../engine/optim/index.ts';
import { modelEntry } from '../models/index.ts';
import { type Communicator, DataParallel } from '../training/distributed/index.ts';
import { joinRanks } from '../training/node/mpi/index.ts';
import { train } from '../training/trainer.ts';
import type { AllreduceTime, RankTask, ScaleRow } from './scale.ts';

const task = JSON.parse(process.argv[2]!) as RankTask;
const joined = await joinRanks({ timeout: 120 });
const communicator = joined?.communicator;
try {
  const allreduce = communicator ? await timeAllreduces(communicator, task) : [];
  const row = { ...(await timeSteps(communicator, task)), mpi: joined?.version ?? null, allreduce };
  if (communicator?.isMain ?? true) console.log(JSON.stringify(row));
  await communicator?.leave();
} catch (error) {
  communicator?.fail((error as Error).message);
  console.error((error as Error).message);
  setTimeout(() => (communicator ? communicator.abort(1) : process.exit(1)), 1000);
}

/** Of each size the median. */
async function timeAllreduces(ranks: Communicator, { sizes, repeats }: RankTask): Promise<AllreduceTime[]> {
  const times: AllreduceTime[] = [];
  for (const bytes of sizes) {
    const values = ranks.floats(bytes / 4);
    const seconds: number[] = [];
    for (let i = 0; i < repeats + 2; i++) {
      await ranks.total([1], 'a start together');
      const started = performance.now();
      await ranks.sum(values, `a sum of ${bytes} bytes`);
      if (i >= 2) seconds.push((performance.now() - started) / 1000);
    }
    ranks.release(values);
    times.push({ bytes, seconds: seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]! });
  }
  return times;
}

/** An epoch compiles and warms up, another one is measured. */
async function timeSteps(
  ranks: Communicator | undefined,
  { model: name, batch, steps, imageSize, bucketBytes }: RankTask,
): Promise<Omit<ScaleRow, 'mpi' | 'allreduce' | 'efficiency'>> {
  const device = await createDevice();
  const size = ranks?.size ?? 1;
  const entry = modelEntry(name);
  const channels = entry.family === 'LeNet' ? 1 : 3;
  const model = entry.create({ numClasses: 10, inChannels: channels }).to(device, { seed: 1 });
  const optimizer = new SGD(model.parameters(), { lr: 1e-4, momentum: 0.9 });
  const trainSet = randomSet(batch * steps * size, [channels, imageSize, imageSize]);
  const testSet = randomSet(size, [channels, imageSize, imageSize]);
  const parallel = ranks && new DataParallel(ranks, { bucketBytes });
  const before: { seconds: number; times: DataParallel['times'] | undefined }[] = [];
  await train({
    ...{ model, device, optimizer, trainSet, testSet, epochs: 2, batchSize: batch, nonFinite: 'ignore' },
    ...(parallel && { distributed: parallel }),
    onEpoch: ({ progress }) =>
      before.push({ seconds: progress.trainingSeconds, times: parallel && { ...parallel.times } }),
  });
  const [warm, end] = before as [(typeof before)[0], (typeof before)[0]];
  const stepSeconds = (end.seconds - warm.seconds) / steps;
  const of = (key: keyof DataParallel['times']) => ((end.times?.[key] ?? 0) - (warm.times?.[key] ?? 0)) / steps;
  const gradientBytes = model.parameters().reduce((sum, parameter) => sum + parameter.size * 4, 0);
  const row = {
    ranks: size,
    adapter: device.adapterName,
    stepSeconds,
    imagesPerSecond: (batch * size) / stepSeconds,
    gradientBytes,
    exchangedBytes: of('bytes'),
    exchangeSeconds: of('seconds'),
    exposedSeconds: of('exposedSeconds'),
    copySeconds: of('copySeconds'),
  };
  optimizer.dispose();
  model.dispose();
  device.destroy();
  return row;
}

/** Noise: nothing is learned, time is all the same. */
function randomSet(count: number, shape: readonly [number, number, number]): Dataset {
  const [channels] = shape;
  const images = new Uint8Array(count * shape.reduce((product, extent) => product * extent, 1));
  let state = 1;
  for (let i = 0; i < images.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    images[i] = state >>> 24;
  }
  const each = <T>(value: T) => Array.from({ length: channels }, () => value);
  const classes = Array.from({ length: 10 }, (_, i) => `${i}`);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return { name: 'noise', images, labels, count, shape, classes, mean: each(0.5), std: each(0.3) };
}
