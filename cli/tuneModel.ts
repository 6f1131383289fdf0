// Runs `wgrad tune`: notes what a step of the model runs, measures it, keeps the choices, and times the step both ways.
import type { Device } from '../engine/device.ts';
import { createDevice, EXACT_TIMES } from '../engine/node/createDevice.ts';
import { tuningPath, writeTuning } from '../engine/node/tuningFile.ts';
import { type Measured, measureVariants } from '../engine/tune/index.ts';
import type { ModelEntry } from '../models/entry.ts';
import { findModel } from './findModel.ts';
import { imagesShape, type MODES, RandomStep, type StepFlags } from './randomStep.ts';
import { textTable } from './textTable.ts';
import type { TuneFlags } from './tune.ts';

/** Of which medians are compared. */
const STEPS = 5;

export async function tuneModel(name: string, flags: TuneFlags): Promise<void> {
  const entry = findModel(name);
  const shape = imagesShape(entry, flags);
  const { adapter, again, json } = flags;
  const device = await createDevice({
    ...(adapter !== undefined && { adapter }),
    ...{ tuning: 'measure', dawnOptions: [EXACT_TIMES] },
    ...(again && { tuningCache: new Map() }),
  });
  if (!json) console.log(`${name}, ${flags.for}, images [${shape.join(', ')}], on ${device.adapterName}`);
  const step = new RandomStep(entry, device, flags.for, flags);
  const measured = await tuneStep(device, step, ({ key }) => process.stderr.write(`  ${key}\n`));
  const path = tuningPath();
  writeTuning(path, device);
  const isChanged = [...device.tuner!.choices.values()].some(({ variant }) => variant !== null);
  const times = isChanged ? await compare(device, step) : null;
  step.dispose();
  if (json)
    console.log(
      JSON.stringify({
        model: name,
        adapter: device.adapterName,
        shape,
        ...times,
        path,
        measured: measured.map(summaryOf),
      }),
    );
  else console.log(textOf(measured, times, path));
}

/**
 * What `--tune` of train and finetune does before they start: measures what a step of the model on such images runs,
 * where it was not measured before, and keeps it.
 */
export async function tuneFor(
  entry: ModelEntry,
  device: Device,
  flags: StepFlags & { mode?: (typeof MODES)[number] },
): Promise<void> {
  const step = new RandomStep(entry, device, flags.mode ?? 'train', flags);
  const measured = await tuneStep(device, step, () => process.stderr.write('.'));
  step.dispose();
  device.trimMemory();
  if (!measured.length) return;
  const path = tuningPath();
  const kept = written(path, device) ? `kept in ${path}` : `${path} could not be written`;
  const changed = measured.filter(({ variant }) => variant !== null).length;
  process.stderr.write(`\ntuned: ${measured.length} problems measured, ${changed} with another kernel; ${kept}\n`);
}

/** A full disk is no reason not to train. */
function written(path: string, device: Device): boolean {
  try {
    writeTuning(path, device);
    return true;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

async function tuneStep(
  device: Device,
  step: RandomStep,
  onMeasured: (measured: Measured) => void,
): Promise<Measured[]> {
  await run(device, step);
  const { length } = device.tuner?.pending ?? [];
  if (length) process.stderr.write(`tuning on ${device.adapterName}: ${length} problems to measure\n`);
  return measureVariants(device, { onMeasured });
}

/** Milliseconds of a step without and with what was measured, taken in turns. */
async function compare(device: Device, step: RandomStep): Promise<{ defaultMs: number; tunedMs: number }> {
  const { tuner } = device;
  const times: Record<'untuned' | 'tuned', number[]> = { untuned: [], tuned: [] };
  for (let i = -1; i < STEPS; i++) {
    for (const side of i % 2 ? (['untuned', 'tuned'] as const) : (['tuned', 'untuned'] as const)) {
      device.tuner = side === 'tuned' ? tuner : null;
      const started = performance.now();
      await run(device, step);
      if (i >= 0) times[side].push(performance.now() - started);
    }
  }
  device.tuner = tuner;
  const median = (values: number[]) => values.sort((a, b) => a - b)[STEPS >> 1];
  return { defaultMs: median(times.untuned), tunedMs: median(times.tuned) };
}

async function run(device: Device, step: RandomStep): Promise<void> {
  {
    using _ = device.scope();
    step.run((_, work) => work());
  }
  await device.idle();
}

function summaryOf({ key, operation, wanted, problem, variant, byDefault, times }: Measured) {
  const shapes = Object.values(problem.inputs).map(({ shape }) => shape);
  const pass = wanted ? [...wanted].map((name) => `d${name}`).join(' ') : 'forward';
  return { key, operation: operation.name, pass, shapes, byDefault: byDefault ?? 'default', variant, times };
}

function textOf(
  measured: readonly Measured[],
  times: { defaultMs: number; tunedMs: number } | null,
  path: string,
): string {
  const rows = measured.map(summaryOf).map(({ operation, pass, shapes, byDefault, variant, times: all }) => {
    const [own, best] = [all.default ?? null, all[variant ?? 'default'] ?? null];
    return [
      ...[operation, pass, shapes.map((shape) => shape.join('x')).join(' ')],
      ...[byDefault, variant ?? byDefault, milliseconds(own), milliseconds(best)],
      own !== null && best ? `${(own / best).toFixed(2)}x` : '-',
    ];
  });
  const header = ['operation', 'pass', 'inputs', 'default', 'chosen', 'default ms', 'chosen ms', 'faster'];
  return [
    ...(rows.length ? [textTable([header, ...rows]), ''] : ['everything was measured before (--again measures anew)']),
    times
      ? `a step: ${times.defaultMs.toFixed(1)} ms by default, ${times.tunedMs.toFixed(1)} ms tuned: ${(times.defaultMs / times.tunedMs).toFixed(2)}x (in turns, medians of ${STEPS})`
      : 'no kernel is clearly faster than the one that is chosen without tuning',
    path,
  ].join('\n');
}

function milliseconds(nanoseconds: number | null): string {
  return nanoseconds === null ? '-' : (nanoseconds / 1e6).toFixed(3);
}
