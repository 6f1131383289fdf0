// What host snapshots cost a training run that provides for a lost device: their share of the time, and the run's time
// beside one without, interleaved.
//   npx tsx bench/snapshot.ts [--model lenet5|resnet20] [--rounds N] [--json FILE]
import { Command } from 'commander';
import { glyphs } from '../datasets/index.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { Adam } from '../engine/optim/index.ts';
import { createModel } from '../models/index.ts';
import { train } from '../training/index.ts';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';
import { columns } from './suite/columns.ts';
import { median } from './suite/statistics.ts';

/** Enough steps that several snapshots fall into them; Adam, whose states make them three times the parameters. */
const WORKLOADS = [
  { model: 'lenet5', batch: 64, steps: 3000 },
  { model: 'resnet20', batch: 8, steps: 1500 },
] as const;

const options = new Command('snapshot')
  .description('The cost of host snapshots at the default interval, on this adapter.')
  .option('--model <name>', 'of the two below alone')
  .option('--rounds <n>', 'runs with and without, in turns; medians count', positiveInteger, 3)
  .option('--json <file>', 'write the results there too')
  .parse()
  .opts<{ model?: string; rounds: number; json?: string }>();

interface Timed {
  seconds: number;
  /** Of each snapshot. */
  snapshots: number[];
}

async function timed({ model: name, batch, steps }: (typeof WORKLOADS)[number], keeps: boolean): Promise<Timed> {
  const device = await createDevice();
  const trainSet = glyphs({ count: batch * steps });
  const model = createModel(name, { numClasses: 10, inChannels: 1 }).to(device);
  const optimizer = new Adam(model.parameters());
  const snapshots: number[] = [];
  let seconds = 0;
  await train({
    ...{
      model,
      device,
      optimizer,
      trainSet,
      testSet: glyphs({ train: false, count: 10 }),
      epochs: 1,
      batchSize: batch,
    },
    ...(keeps && { reopen: () => Promise.reject(new Error('the device was lost')) }),
    onSnapshot: (taken) => snapshots.push(taken.seconds),
    onEpoch: ({ progress }) => {
      seconds = progress.trainingSeconds;
    },
  });
  device.destroy();
  return { seconds, snapshots };
}

const workloads = [];
for (const workload of WORKLOADS) {
  if (options.model !== undefined && options.model !== workload.model) continue;
  const [plain, kept]: [Timed[], Timed[]] = [[], []];
  for (let round = 0; round < options.rounds; round++) {
    const order = round % 2 ? [true, false] : [false, true];
    for (const keeps of order) (keeps ? kept : plain).push(await timed(workload, keeps));
  }
  const share = median(kept.map(({ seconds, snapshots }) => snapshots.reduce((a, b) => a + b, 0) / seconds));
  const ratio = median(kept.map(({ seconds }) => seconds)) / median(plain.map(({ seconds }) => seconds));
  const all = kept.flatMap(({ snapshots }) => snapshots);
  workloads.push({ ...workload, share, ratio, snapshots: all.length, milliseconds: 1000 * median(all), plain, kept });
}
const device = await createDevice();
const report = { ...environment(), adapter: device.adapterName, rounds: options.rounds, workloads };
device.destroy();

console.log(`${report.date}, commit ${report.commit}, ${report.cpu}\nadapter: ${report.adapter}\n`);
const rows = workloads.map(({ model, batch, snapshots, milliseconds, share, ratio }) => [
  ...[`${model} b${batch}`, String(snapshots), milliseconds.toFixed(1)],
  ...[`${(100 * share).toFixed(2)} %`, ratio.toFixed(3)],
]);
console.log(columns([['', 'snapshots', 'ms each', 'share of the time', 'time with / without'], ...rows]).join('\n'));
if (options.json) replaceFile(options.json, `${JSON.stringify(report, null, 1)}\n`);
