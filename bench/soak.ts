// A soak: thousands of training steps, with a test each epoch and a checkpoint every 100 steps; memory and speed from
// first to last.
//   npx tsx bench/soak.ts [--steps N] [--json FILE] [--svg FILE]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { glyphs, subset } from '../datasets/index.ts';
import { loadMnist } from '../datasets/node/index.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { vegaSvg } from '../training/report/vegaSvg.ts';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';
import { type SoakSample, soak } from './soakRun.ts';
import { columns } from './suite/columns.ts';
import { median } from './suite/statistics.ts';

const options = new Command('soak')
  .description('LeNet-5 in batches of 32 on this adapter; the data are the real digits where WGRAD_DATA has them.')
  .option('--steps <n>', 'training steps', positiveInteger, 20_000)
  .option('--json <file>', 'write the samples there too')
  .option('--svg <file>', 'draw them')
  .parse()
  .opts<{ steps: number; json?: string; svg?: string }>();

/** Images: 500 steps an epoch. */
const COUNTS = { train: 16_000, test: 2_000 };

const { WGRAD_DATA: data } = process.env;
const pick = (count: number) => Array.from({ length: count }, (_, i) => i);
const [trainSet, testSet] = data
  ? [
      subset(await loadMnist(data, { train: true }), pick(COUNTS.train)),
      subset(await loadMnist(data, { train: false }), pick(COUNTS.test)),
    ]
  : [glyphs({ count: COUNTS.train }), glyphs({ train: false, count: COUNTS.test })];
const device = await createDevice();
const root = mkdtempSync(join(tmpdir(), 'wgrad-soak-'));
const { steps } = options;
const samples = await soak({
  ...{ device, trainSet, testSet, out: join(root, 'run'), steps },
  onSample: ({ step, imagesPerSecond, gpuBytes, buffers, heapBytes, rssBytes }) => {
    const [gpu, heap, rss] = [gpuBytes, heapBytes, rssBytes].map(mebibytes);
    console.error(
      `step ${step}: ${imagesPerSecond.toFixed(0)} images/s; GPU ${gpu} MiB in ${buffers} buffers, heap ${heap} MiB, resident ${rss} MiB`,
    );
  },
});
rmSync(root, { recursive: true });

// the first epoch compiles, and fills pools and caches
const settled = samples.slice(1);
const quarter = Math.ceil(settled.length / 4);
const [first, last] = [settled.slice(0, quarter), settled.slice(-quarter)];
const of = (part: SoakSample[], name: keyof SoakSample) => median(part.map((sample) => sample[name]));
const NAMES = [
  'imagesPerSecond',
  'cpuMilliseconds',
  'tensors',
  'gpuBytes',
  'buffers',
  'reservedBytes',
  'heapBytes',
  'rssBytes',
] as const;
const change = NAMES.map((name) => ({ name, first: of(first, name), last: of(last, name) }));
const report = { ...environment(), adapter: device.adapterName, steps: samples.at(-1)!.step, change, samples };

console.log(`${report.date}, commit ${report.commit}, ${report.cpu}\nadapter: ${report.adapter}\n`);
console.log(
  `${report.steps} steps; medians over the first and the last quarter of the epochs, the first epoch left out`,
);
const rows = change.map(({ name, first, last }) => [...[name, shown(first), shown(last), (last / first).toFixed(3)]]);
console.log(columns([['', 'first', 'last', 'last / first'], ...rows]).join('\n'));
if (options.json) replaceFile(options.json, `${JSON.stringify(report, null, 1)}\n`);
if (options.svg) replaceFile(options.svg, await soakSvg());
device.destroy();

function soakSvg(): Promise<string> {
  const x = { field: 'step', type: 'quantitative', title: 'step' } as const;
  const line = (field: string, title: string, scale: number) => ({
    width: 260,
    height: 160,
    mark: { type: 'line', color: '#0072b2' } as const,
    transform: [{ calculate: `datum.${field} / ${scale}`, as: 'value' }],
    encoding: { x, y: { field: 'value', type: 'quantitative', title, scale: { zero: true } } as const },
  });
  return vegaSvg({
    data: { values: settled },
    hconcat: [
      line('imagesPerSecond', 'images/s', 1),
      line('gpuBytes', 'MiB in GPU buffers', 2 ** 20),
      line('heapBytes', 'MiB of JS heap', 2 ** 20),
    ],
  });
}

function shown(value: number): string {
  return value.toFixed(value < 100 ? 2 : 0);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
