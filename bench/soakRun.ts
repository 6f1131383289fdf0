// A long training run with evaluation and checkpoints between, watched for growth.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Dataset } from '../datasets/dataset.ts';
import type { Device } from '../engine/device.ts';
import { defaultRecipe, type RunConfig } from '../training/index.ts';
import { run } from '../training/node/index.ts';

export interface SoakOptions {
  device: Device;
  trainSet: Dataset;
  testSet: Dataset;
  /** The run's folder, new. */
  out: string;
  /** Rounded up to whole epochs. */
  steps: number;
  onSample?: (sample: SoakSample) => void;
}

/** At the end of an epoch. */
export interface SoakSample {
  epoch: number;
  step: number;
  imagesPerSecond: number;
  /** CPU time of the process for one step, its share of tests and checkpoints included: what else runs counts less in it. */
  cpuMilliseconds: number;
  /** Tensors alive on the device, and their bytes. */
  tensors: number;
  gpuBytes: number;
  /** Buffers on the device, idle ones of its pool included. */
  buffers: number;
  reservedBytes: number;
  /** In use after a collection. */
  heapBytes: number;
  rssBytes: number;
}

const BATCH = 32;
/** Steps between two checkpoints. */
const CHECKPOINT_EVERY = 100;

/** LeNet-5, with a lost device provided for as in `wgrad train`. @returns one sample an epoch */
export async function soak({ device, trainSet, testSet, out, steps, onSample }: SoakOptions): Promise<SoakSample[]> {
  const samples: SoakSample[] = [];
  const collect = collector();
  let before = { step: 0, cpu: process.cpuUsage() };
  const epochs = Math.ceil(steps / Math.ceil(trainSet.count / BATCH));
  const config: RunConfig = {
    ...defaultRecipe(),
    ...{ model: 'lenet5', dataset: 'mnist', data: null, epochs, batchSize: BATCH, limit: null, seed: 0 },
  };
  await run({
    ...{ config, device, trainSet, testSet, out, checkpointEvery: CHECKPOINT_EVERY },
    reopen: () => Promise.reject(new Error('the device was lost')),
    onEpoch: ({ progress: { epoch, step }, imagesPerSecond }) => {
      const used = process.cpuUsage(before.cpu);
      const cpuMilliseconds = (used.user + used.system) / 1000 / (step - before.step);
      collect();
      const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage();
      const { tensors, bytes: gpuBytes, buffers, reservedBytes } = device.memory();
      samples.push({
        ...{ epoch, step, imagesPerSecond, cpuMilliseconds, tensors, gpuBytes, buffers, reservedBytes },
        ...{ heapBytes, rssBytes },
      });
      onSample?.(samples.at(-1)!);
      before = { step, cpu: process.cpuUsage() };
    },
  });
  return samples;
}

function collector(): () => void {
  setFlagsFromString('--expose_gc');
  return runInNewContext('gc') as () => void;
}
