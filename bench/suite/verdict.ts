// Which numbers a contender is asked for, and whether they are right. A contender found wrong is shown, never timed:
// Dawn drops a submit that breaks a limit, and a library that does nothing is very fast.
import type { Outcome } from './protocol.ts';
import type { Expected, ExpectedOutput } from './reference/referenceOf.ts';
import type { Workload } from './workload.ts';

/** Positions asked for of one output: of a result or gradient, and of each of a model's many parameters. */
const PROBES = { operation: 512, parameter: 64 };
/** Largest error, of the largest value or change; a float32 result stays far inside (1e-6; after two steps of ResNet-18 1e-4). */
const TOLERANCE = { operation: 1e-3, forward: 1e-3, step: 1e-2, adam: 1e-3 };
const LOSS_TOLERANCE = 1e-3;

/** Both ends of each output, and positions spread over the rest; everything where there is little. */
export function probesOf({ outputs }: Expected): Record<string, number[]> {
  const count = Object.values(outputs).some(({ before }) => before) ? PROBES.parameter : PROBES.operation;
  return Object.fromEntries(Object.entries(outputs).map(([name, { values }]) => [name, spread(values.length, count)]));
}

/** Why `outcome` is wrong, or undefined when it is right. */
export function verdict(
  outcome: Outcome,
  { workload, expected, probes }: { workload: Workload; expected: Expected; probes: Record<string, readonly number[]> },
): string | undefined {
  for (const [i, loss] of expected.losses.entries()) {
    const given = outcome.losses[i] ?? Number.NaN;
    if (!(Math.abs(given - loss) <= LOSS_TOLERANCE * Math.abs(loss)))
      return `the loss of step ${i + 1} is ${given}, right is ${loss.toPrecision(7)}`;
  }
  const tolerance = TOLERANCE[workload.kind as keyof typeof TOLERANCE] ?? TOLERANCE.operation;
  for (const [name, output] of Object.entries(expected.outputs)) {
    const reason = wrongOutput(outcome.samples[name], probes[name], output, tolerance);
    if (reason) return `${name} ${reason}`;
  }
  return undefined;
}

function wrongOutput(
  given: readonly (number | null)[] | undefined,
  positions: readonly number[],
  { values, before }: ExpectedOutput,
  tolerance: number,
): string | undefined {
  if (given?.length !== positions.length) return `has ${given?.length ?? 'no'} values instead of ${positions.length}`;
  const largest = values.reduce((max, value, i) => Math.max(max, Math.abs(value - (before?.[i] ?? 0))), 0);
  const errors = positions.map((at, i) => Math.abs((given[i] ?? Number.NaN) - values[at]));
  const isWrong = (error: number) => !(error <= tolerance * largest);
  const count = errors.filter(isWrong).length;
  if (count === 0) return undefined;
  const of = `${count} of ${positions.length} checked values`;
  const what = before ? 'change' : 'value';
  if (given.every((value) => value === 0))
    return `is zero everywhere it was checked; the largest ${what} is ${largest.toPrecision(3)}`;
  const worst = Number.isNaN(errors.find(Number.isNaN))
    ? 'NaN or missing'
    : `up to ${Math.max(...errors).toPrecision(3)}`;
  return `is off by ${worst} in ${of}; the largest ${what} is ${largest.toPrecision(3)}`;
}

function spread(length: number, count: number): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  // the golden ratio's multiples meet every row, column and channel, whatever the extents
  const golden = 0.6180339887498949;
  return [0, length - 1, ...Array.from({ length: count - 2 }, (_, i) => Math.floor((((i + 1) * golden) % 1) * length))];
}
