// Whole ImageNet models on this adapter: time and peak memory of a forward pass and of a training step.
//   npm run bench:models -- [--runs N] [--only alexnet,vgg11] [--json FILE]
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';
import { columns } from './suite/columns.ts';
import { median } from './suite/statistics.ts';

export interface Workload {
  /** A name of `listModels()`. */
  model: string;
  batch: number;
  /** Height and width, pixels. */
  size: number;
  /** `train`: forward, cross-entropy, backward and SGD with momentum. */
  mode: 'forward' | 'train';
  /** Timed after the first. */
  runs: number;
}

export interface ModelTimes extends Workload {
  /** With compilation, except for what the driver's cache on disk held. */
  firstMs: number;
  runMs: number[];
  /** Most bytes that live tensors took at once, and what the pool held for them. */
  peakBytes: number;
  reservedBytes: number;
  /** Most resident memory of the process: on a CPU adapter the tensors are in it. */
  residentBytes: number;
  /** A logit or the loss, so that two runs can be compared. */
  result: number;
}

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
const results = chosen.map((workload) => measure({ ...workload, runs: options.runs }));
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
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);

function measure(workload: Workload): { adapter: string; times: ModelTimes } {
  process.stderr.write(`${workload.model} ${workload.mode}\n`);
  const path = fileURLToPath(new URL('./modelRun.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--import', 'tsx', path, JSON.stringify(workload)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.trim().split('\n').at(-1)!);
}
