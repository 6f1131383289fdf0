// Fuzzing of every reader of files: damaged and forged inputs are read, or refused with the error that is promised, within
// a second and a bound on memory, and nothing is run.
//
//   npm run fuzz:readers -- --inputs 1000000 --seed 2026 --workers 2      --reader pickle
//   npm run fuzz:readers -- --replay fuzzFailures.readers.json            reads kept inputs again
import { readFileSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError, program } from 'commander';
import { replayFailures } from './readers/replay.ts';
import { countsByShare, type Failure, type ReaderResult, runReader } from './readers/runReaders.ts';
import { MIB } from './readers/target.ts';
import { targetNamed, targets } from './readers/targets.ts';

interface Options {
  inputs: number;
  seed: number;
  workers: number;
  reader?: string;
  out: string;
  replay?: string;
}

const options: Options = program
  .option('--inputs <n>', 'of all readers together', positive, 1_000_000)
  .option('--seed <n>', 'input i takes all its randomness from it, the name of the reader and i', positive, 2026)
  .option('--workers <n>', 'readers that run at a time', positive, 2)
  .option('--reader <name>', 'this one alone')
  .option('--out <file>', 'where failures are kept', 'fuzzFailures.readers.json')
  .option('--replay <file>', 'reads the failures of that file again')
  .parse()
  .opts();
if (options.replay) {
  const kept = JSON.parse(readFileSync(options.replay, 'utf8')) as Failure[];
  const still = await replayFailures(kept);
  for (const { reader, problem } of still) console.log(`${reader}: ${problem}`);
  console.log(`${still.length} of ${kept.length} still fail`);
  process.exit(still.length > 0 ? 1 : 0);
}
const chosen = options.reader ? [targetNamed(options.reader)] : targets;
const waiting = [...countsByShare(chosen, options.inputs)];
const results: ReaderResult[] = [];
printHead();
await Promise.all(Array.from({ length: options.workers }, runWaiting));
const failures = results.flatMap((result) => result.failures);
printTotal();
for (const { reader, index, problem } of failures) console.log(`${reader}, input ${index}: ${problem}`);
if (failures.length > 0) {
  writeFileSync(options.out, `${JSON.stringify(failures, null, 1)}\n`);
  console.log(`failures are in ${options.out}; npm run fuzz:readers -- --replay ${options.out} reads them again`);
}
process.exit(failures.length > 0 ? 1 : 0);

async function runWaiting(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [reader, inputs] = next;
    const result = await runReader(reader, { inputs, seed: options.seed });
    results.push(result);
    printRow(result);
  }
}

function printHead(): void {
  console.log(`seed ${options.seed}`);
  console.log(`${'reader'.padEnd(22)}   inputs  accepted   refused  failures  slowest ms  largest MiB`);
}

function printRow(result: Omit<ReaderResult, 'failures' | 'slowestIndex' | 'mostIndex'>): void {
  const { reader, inputs, accepted, refused, failed, slowestMs, mostBytes } = result;
  const counts = [
    String(inputs).padStart(9),
    ...[accepted, refused, failed].map((count) => String(count).padStart(10)),
  ];
  const most = (mostBytes / MIB).toFixed(1);
  console.log(`${reader.padEnd(22)}${counts.join('')}${slowestMs.toFixed(0).padStart(12)}${most.padStart(13)}`);
}

function printTotal(): void {
  const sum = (key: 'inputs' | 'accepted' | 'refused' | 'failed') =>
    results.reduce((total, result) => total + result[key], 0);
  const most = (key: 'slowestMs' | 'mostBytes') => Math.max(...results.map((result) => result[key]));
  const [inputs, accepted, refused, failed] = [sum('inputs'), sum('accepted'), sum('refused'), sum('failed')];
  printRow({
    reader: 'all',
    inputs,
    accepted,
    refused,
    failed,
    slowestMs: most('slowestMs'),
    mostBytes: most('mostBytes'),
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}
