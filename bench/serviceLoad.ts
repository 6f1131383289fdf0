// The service under load: many clients at once on loopback, every answer checked against direct inference, hostile
// requests between them; throughput, latency, memory from first to last.
//   npx tsx bench/serviceLoad.ts [--clients N] [--seconds N] [--model resnet20 --weights FILE] [--json FILE]
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { environment } from './environment.ts';
import { positiveInteger } from './positiveInteger.ts';
import { loadService } from './serviceLoadRun.ts';
import { columns } from './suite/columns.ts';

const options = new Command('serviceLoad')
  .description('Loads `wgrad serve` on this adapter.')
  .option('--clients <n>', 'at the same time, each with one request after the other', positiveInteger, 200)
  .option('--seconds <n>', 'of load', positiveInteger, 120)
  .option('--model <name>', 'with 10 classes of 32x32 pictures', 'resnet20')
  .option('--weights <file>', 'default: random ones')
  .option('--json <file>', 'write the results there too')
  .parse()
  .opts<{ clients: number; seconds: number; model: string; weights?: string; json?: string }>();

const { weights } = options;
const measured = await loadService({ ...options, weights: weights ? readFileSync(weights) : undefined });
const report = { ...environment(), cores: availableParallelism(), ...options, ...measured };

console.log(`${report.date}, commit ${report.commit}, ${report.cpu}\nadapter: ${report.adapter}\n`);
const { latency, counts, memory } = measured;
console.log(
  columns([
    ['', ''],
    ['requests answered', String(counts.right)],
    ['wrong answers', String(counts.wrong)],
    ['refused with 503', String(counts.busy)],
    ['other failures', String(counts.failed)],
    ['hostile requests, all refused as they should be', `${counts.hostile - counts.hostileTaken} of ${counts.hostile}`],
    ['requests a second', measured.requestsPerSecond.toFixed(1)],
    ['pictures a batch', measured.imagesPerBatch.toFixed(2)],
    ...Object.entries(latency).map(([name, ms]) => [`latency ${name}, ms`, ms.toFixed(0)]),
    ['resident MiB, after a quarter and at the end', memory.resident.map(mebibytes).join(' ')],
    ['GPU MiB, after a quarter and at the end', memory.gpu.map(mebibytes).join(' ')],
  ]).join('\n'),
);
if (options.json) replaceFile(options.json, `${JSON.stringify(report, null, 1)}\n`);

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
