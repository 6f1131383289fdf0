// Differential fuzzing of every operation against its float64 reference; a failure is shrunk and kept for a repeat.
//
//   npm run fuzz -- --seconds 3600 --seed 7            --draws 100000  --operation conv2d
//   npm run fuzz -- --adapter both                     lavapipe (default), swiftshader or both, one after the other
//   npm run fuzz -- --replay fuzzFailures.json         runs kept failures again
import { readFileSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError, Option, program } from 'commander';
import { registry } from '../../kernels/registry.ts';
import { type Failure, fuzzOperations, replay, type Tally } from './operations/fuzzOperations.ts';
import { openDevices } from './operations/problem.ts';

interface Options {
  seconds: number;
  draws: number;
  seed: number;
  operation?: string;
  adapter: 'lavapipe' | 'swiftshader' | 'both';
  out: string;
  replay?: string;
}

const ADAPTER_NAMES = { lavapipe: 'llvmpipe', swiftshader: 'swiftshader' } as const;

const options: Options = program
  .option('--seconds <n>', 'time of each adapter', positive, 3600)
  .option('--draws <n>', 'problems of each adapter', positive, Number.POSITIVE_INFINITY)
  .option('--seed <n>', 'draw i takes all its randomness from seed + i', positive, 2026)
  .option('--operation <name>', 'this one alone')
  .addOption(new Option('--adapter <name>').choices(['lavapipe', 'swiftshader', 'both']).default('lavapipe'))
  .option('--out <file>', 'where failures are kept', 'fuzzFailures.json')
  .option('--replay <file>', 'runs the failures of that file again')
  .parse()
  .opts();
const rooms = registry.filter(({ operation }) => !options.operation || operation.name === options.operation);
if (rooms.length === 0) program.error(`there is no operation '${options.operation}'`);
const adapters = options.adapter === 'both' ? (['lavapipe', 'swiftshader'] as const) : [options.adapter];
const failures: Failure[] = [];
for (const adapter of adapters) failures.push(...(await runOn(adapter)));
if (failures.length > 0 && !options.replay) {
  writeFileSync(options.out, `${JSON.stringify(failures, null, 1)}\n`);
  console.log(`failures are in ${options.out}; npm run fuzz -- --replay ${options.out} runs them again`);
}
process.exit(failures.length > 0 ? 1 : 0);

async function runOn(adapter: keyof typeof ADAPTER_NAMES): Promise<Failure[]> {
  const devices = await openDevices(ADAPTER_NAMES[adapter]);
  if (options.replay) {
    const kept = (JSON.parse(readFileSync(options.replay, 'utf8')) as Failure[]).filter(
      (one) => one.adapter === adapter,
    );
    const still = await replay(devices, registry, kept);
    for (const { operation, failure } of still) console.log(`${operation}: ${failure}`);
    console.log(`${adapter}: ${still.length} of ${kept.length} still fail`);
    return still;
  }
  console.log(`${devices.whole.adapterName}, seed ${options.seed}`);
  const started = performance.now();
  const progress = (draws: number, failed: number) => {
    const rate = draws / ((performance.now() - started) / 1000);
    console.log(`${draws} draws, ${rate.toFixed(0)} a second, ${failed} failures`);
  };
  const found = await fuzzOperations(devices, { ...options, rooms, adapter, progress });
  printTable(adapter, found.tallies);
  for (const { smallest } of found.failures) console.log(`\n${smallest}`);
  return found.failures;
}

function printTable(adapter: string, tallies: ReadonlyMap<string, Tally>): void {
  console.log(`\n${adapter.padEnd(20)} draws  refused  failures  worst error of what is allowed`);
  const total = { draws: 0, refused: 0, failures: 0, worst: 0 };
  for (const [name, tally] of tallies) {
    printRow(name, tally);
    for (const key of ['draws', 'refused', 'failures'] as const) total[key] += tally[key];
    total.worst = Math.max(total.worst, tally.worst);
  }
  printRow('all', total);
}

function printRow(name: string, { draws, refused, failures, worst }: Tally): void {
  const counts = `${String(draws).padStart(6)} ${String(refused).padStart(8)} ${String(failures).padStart(9)}`;
  console.log(`${name.padEnd(19)} ${counts}  ${worst.toFixed(3)}`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}
