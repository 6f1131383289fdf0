// What activation checkpointing saves and costs: a training step of ResNet-18 with each of its four stages checkpointed,
// beside one without, eager and captured, interleaved.
//   npx tsx bench/activationCheckpoint.ts [--batch N] [--size N] [--runs N] [--json FILE]
import { Command } from 'commander';
import { crossEntropy } from '../engine/functional/loss.ts';
import { checkpoint, type Module } from '../engine/nn/index.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { SGD } from '../engine/optim/index.ts';
import { createModel } from '../models/index.ts';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';
import { columns } from './suite/columns.ts';
import { median } from './suite/statistics.ts';

const options = new Command('activationCheckpoint')
  .description('Measures ResNet-18 with and without activation checkpointing on this adapter.')
  .option('--batch <n>', 'images', positiveInteger, 32)
  .option('--size <n>', 'pixels of a side', positiveInteger, 32)
  .option('--runs <n>', 'timed steps of each', positiveInteger, 5)
  .option('--json <file>', 'write the results there too')
  .parse()
  .opts<{ batch: number; size: number; runs: number; json?: string }>();
const { batch, size, runs } = options;

const STAGES = ['layer1', 'layer2', 'layer3', 'layer4'];
const ways = [false, true].flatMap((isCaptured) => [false, true].map((isMarked) => ({ isCaptured, isMarked })));
const made = await Promise.all(ways.map(prepared));
const times: number[][] = ways.map(() => []);
for (let run = 0; run < runs; run++) {
  for (const [i, { step }] of made.entries()) times[i].push(await step());
}
const results = ways.map((way, i) => ({ ...way, milliseconds: median(times[i]), peakBytes: made[i].peakBytes() }));
const report = { ...environment(), adapter: made[0].adapterName, model: 'resnet18', batch, size, runs, results };

console.log(`${report.date}, commit ${report.commit}, ${report.cpu}\nadapter: ${report.adapter}\n`);
console.log(`resnet18, batch ${batch} of ${size}x${size}: a training step`);
const rows = results.map(({ isCaptured, isMarked, milliseconds, peakBytes }, i) => {
  const plain = results[i - (isMarked ? 1 : 0)];
  return [
    ...[isCaptured ? 'captured' : 'eager', isMarked ? 'checkpointed' : 'plain', milliseconds.toFixed(1)],
    ...[(peakBytes / 2 ** 20).toFixed(1), (peakBytes / plain.peakBytes).toFixed(2)],
    (milliseconds / plain.milliseconds).toFixed(2),
  ];
});
console.log(columns([['', '', 'ms', 'peak MiB', 'of its memory', 'of its time'], ...rows]).join('\n'));
if (options.json) replaceFile(options.json, `${JSON.stringify(report, null, 1)}\n`);

async function prepared({ isCaptured, isMarked }: (typeof ways)[number]) {
  const device = await createDevice();
  const model = createModel('resnet18', { numClasses: 10 }).to(device);
  if (isMarked) for (const name of STAGES) checkpoint(model.getSubmodule(name) as Module);
  const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  const x = device.tensor(
    Float32Array.from({ length: batch * 3 * size * size }, (_, i) => Math.sin(i)),
    [batch, 3, size, size],
  );
  const labels = device.tensor(Uint32Array.from({ length: batch }, (_, i) => i % 10));
  const train = () => {
    const loss = crossEntropy(model.call(x) as never, labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  const captured = isCaptured ? device.capture(train) : undefined;
  const step = async () => {
    using _ = device.scope();
    const started = performance.now();
    captured?.replay();
    await (captured?.result ?? train()).item();
    return performance.now() - started;
  };
  await step();
  await step();
  return {
    step,
    adapterName: device.adapterName,
    peakBytes: () => (isCaptured ? device.memory().bytes : device.memory().peakBytes),
  };
}
