// How cost grows: training throughput over the batch, inference time over the depth; drawn, and kept as JSON.
//   npx tsx bench/growth.ts [--runs N] [--json FILE] [--svg FILE]
import { Command } from 'commander';
import { layers, totals } from '../engine/nn/layers.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { createModel } from '../models/index.ts';
import { vegaSvg } from '../training/report/vegaSvg.ts';
import { environment } from './environment.ts';
import { measureModel } from './measureModel.ts';
import { positiveInteger } from './positiveInteger.ts';
import { columns } from './suite/columns.ts';
import { median } from './suite/statistics.ts';

const BATCHES = [8, 32, 128];
const DEPTHS = [18, 34, 50, 101];
/** Pixels: CIFAR's for the batches, ImageNet's for the depths. */
const SIZES = { batches: 32, depths: 224 };

const options = new Command('growth')
  .description('Measures ResNets of growing batch and depth on this adapter.')
  .option('--runs <n>', 'timed runs after the first; the median counts', positiveInteger, 5)
  .option('--json <file>', 'write the results there too')
  .option('--svg <file>', 'draw them')
  .parse()
  .opts<{ runs: number; json?: string; svg?: string }>();

const { runs } = options;
const training = BATCHES.map((batch) => {
  const workload = { model: 'resnet18', batch, size: SIZES.batches, mode: 'train', captured: true, runs } as const;
  const { adapter, times } = measureModel(workload);
  const milliseconds = median(times.runMs);
  return { batch, milliseconds, imagesPerSecond: (1000 * batch) / milliseconds, peakBytes: times.peakBytes, adapter };
});
const inference = DEPTHS.map((depth) => {
  const model = `resnet${depth}`;
  const { times } = measureModel({ model, batch: 1, size: SIZES.depths, mode: 'forward', runs });
  const milliseconds = median(times.runMs);
  const { macs } = totals(layers(createModel(model), [3, SIZES.depths, SIZES.depths]));
  return { model, depth, gmacs: macs / 1e9, milliseconds, gmacsPerSecond: macs / 1e6 / milliseconds };
});
const report = { ...environment(), adapter: training[0].adapter, training, inference };

console.log(`${report.date}, commit ${report.commit}, ${report.cpu}\nadapter: ${report.adapter}\n`);
const fixed = (value: number) => value.toFixed(value < 10 ? 2 : 1);
console.log(`resnet18, training step, ${SIZES.batches}x${SIZES.batches}`);
const byBatch = training.map(({ batch, milliseconds, imagesPerSecond, peakBytes }) => [
  ...[String(batch), fixed(milliseconds), fixed(imagesPerSecond), String(Math.round(peakBytes / 2 ** 20))],
]);
console.log(columns([['batch', 'ms', 'images/s', 'MiB'], ...byBatch]).join('\n'));
console.log(`\nforward, one image of ${SIZES.depths}x${SIZES.depths}`);
const byDepth = inference.map(({ model, gmacs, milliseconds, gmacsPerSecond }) => [
  ...[model, fixed(gmacs), fixed(milliseconds), fixed(gmacsPerSecond)],
]);
console.log(columns([['model', 'GMAC', 'ms', 'GMAC/s'], ...byDepth]).join('\n'));
if (options.json) replaceFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
if (options.svg) replaceFile(options.svg, await growthSvg());

function growthSvg(): Promise<string> {
  const size = { width: 340, height: 260 };
  const mark = { type: 'line', point: { filled: true, size: 60 }, color: '#0072b2' } as const;
  return vegaSvg({
    hconcat: [
      {
        title: { text: 'Throughput over the batch', subtitle: 'ResNet-18, training step, 32x32' },
        data: { values: training },
        ...size,
        mark,
        encoding: {
          x: { field: 'batch', type: 'quantitative', scale: { type: 'log', base: 2 }, axis: { values: BATCHES } },
          y: { field: 'imagesPerSecond', type: 'quantitative', title: 'images/s', scale: { zero: true } },
        },
      },
      {
        title: { text: 'Time over the work', subtitle: 'ResNets, forward, one image of 224x224' },
        data: { values: inference },
        ...size,
        encoding: {
          x: { field: 'gmacs', type: 'quantitative', title: 'multiply-accumulates, G', scale: { domain: [0, 10] } },
          y: { field: 'milliseconds', type: 'quantitative', title: 'ms', scale: { zero: true } },
        },
        layer: [
          { mark },
          {
            // two depths lie close together: names of one kind of block above the line, of the other below
            transform: [{ filter: 'datum.depth < 50' }],
            mark: { type: 'text', align: 'right', dx: -8, dy: -8, color: '#3c434d' },
            encoding: { text: { field: 'model' } },
          },
          {
            transform: [{ filter: 'datum.depth >= 50' }],
            mark: { type: 'text', align: 'left', dx: 8, dy: 8, color: '#3c434d' },
            encoding: { text: { field: 'model' } },
          },
        ],
      },
    ],
    spacing: 40,
  });
}
