// `wgrad samples`
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { type Dataset, Random } from '../datasets/index.ts';
import { saveImage } from '../datasets/node/index.ts';
import { sampleSheet } from '../training/report/sampleSheet.ts';
import { DATASETS, type RunConfig } from '../training/runConfig.ts';
import { integer } from './arguments.ts';
import { loadTestSet } from './loadDatasets.ts';

interface SamplesFlags {
  data?: string;
  count: number;
  columns: number;
  seed: number;
  invert: boolean;
  labels: boolean;
  out: string;
}

export function samplesCommand(): Command {
  return new Command('samples')
    .description('Draw a random batch of test images as one PNG')
    .addArgument(new Argument('<dataset>').choices(DATASETS))
    .option('--data <folder>', 'folder of the data sets (default: WGRAD_DATA)')
    .option('--count <n>', 'images; all of a smaller set', integer(1), 128)
    .option('--columns <n>', 'images a row', integer(1), 16)
    .option('--seed <n>', 'decides which images', integer(0), 0)
    .option('--invert', 'dark ink on white paper', false)
    .option('--labels', 'the class under each image', false)
    .requiredOption('--out <file>', 'the PNG file')
    .action(draw);
}

async function draw(name: RunConfig['dataset'], flags: SamplesFlags): Promise<void> {
  const { count, columns, seed, invert, labels, out } = flags;
  const root = flags.data ?? (process.env.WGRAD_DATA || undefined);
  const dataset = await loadTestSet({ dataset: name, data: root === undefined ? null : resolve(root) });
  const order = new Random(seed).shuffle(Uint32Array.from({ length: dataset.count }, (_, i) => i));
  const indices = [...order.subarray(0, count)];
  mkdirSync(dirname(out), { recursive: true });
  if (labels) saveImage(out, await sampleSheet(dataset, indices, { columns, isInverted: invert }));
  else saveImage(out, batchOfLevels(dataset, indices, invert), { nrow: columns, normalize: true });
  console.log(out);
}

/** Levels in [0, 1] as `ToTensor` makes them. Inverted as the chapter does, 255 - x: the grid normalises it anyway. */
function batchOfLevels({ images, shape }: Dataset, indices: readonly number[], isInverted: boolean) {
  const size = shape.reduce((product, each) => product * each, 1);
  const data = new Float32Array(indices.length * size);
  for (const [i, index] of indices.entries()) {
    for (let at = 0; at < size; at++) {
      const level = images[index * size + at]! / 255;
      data[i * size + at] = isInverted ? 255 - level : level;
    }
  }
  return { data, shape: [indices.length, ...shape] };
}
