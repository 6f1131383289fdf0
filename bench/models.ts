// Whole ImageNet models on this adapter: time and peak memory of a forward pass and of a training step.
//   npm run bench:models -- [--runs N] [--only alexnet,vgg11] [--json FILE]
import { Command } from 'commander';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { environment } from './environment.ts';
import { measureModel, type Workload } from './measureModel.ts';
import { positiveInteger } from './positiveInteger.ts';
import { columns } from './suite/columns.ts';
import { median } from './suite/statistics.ts';

const workloads: Omit<Workload, 'runs'>[] = [
  { model: 'alexnet', batch: 1, size: 224, mode: 'forward' },
  { model: 'vgg16', batch: 1, size: 224, mode: 'forward' },
  { model: 'resnet50', batch: 1, size: 224, mode: 'forward' },
  { model: 'googlenet', batch: 1, size: 224, mode: 'forward' },
  { model: 'mobilenet_v1', batch: 1, size: 224, mode: 'forward' },
  { model: 'alexnet', batch: 2, size: 224, mode: 'train' },
  { model: 'vgg11', batch: 1, size: 224, mode: 'train' },
  { model: 'resnet18', batch: 2, size: 224, mode: 'train' },
];

const options = new Command('models')
  .description('Times whole ImageNet models on this adapter.')
  .option('--runs <n>', 'timed runs after the first; the median counts', positiveInteger, 5)
  .option('--only <names>', 'models, separated by commas', (text) => text.split(','))
  .option('--json <file>', 'write the results there too')
  .parse()
  .opts<{ runs: number; only?: string[]; json?: string }>();

const chosen = workloads.filter(({ model }) => options.only?.includes(model) ?? true);
const results = chosen.map((workload) => measureModel({ ...workload, runs: options.runs }));
const report = { ...environment(), adapter: results[0]?.adapter, models: results.map(({ times }) => times) };
const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
const rows = report.models.map(({ model, batch, mode, firstMs, runMs, peakBytes, reservedBytes, residentBytes }) => [
  ...[model, mode, String(batch), `${firstMs.toFixed(0)} ms`, `${median(runMs).toFixed(0)} ms`],
  ...[`${Math.min(...runMs).toFixed(0)}-${Math.max(...runMs).toFixed(0)}`],
  ...[peakBytes, reservedBytes, residentBytes].map(megabytes),
]);
const header = ['model', 'mode', 'batch', 'first', 'median', 'min-max', 'tensors', 'reserved', 'process'];
console.log(`${report.date}, commit ${report.commit}, ${report.cpu}\nadapter: ${report.adapter}\n`);
console.log(columns([header, ...rows]).join('\n'));
if (options.json) replaceFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
