// Decides whether a contender computed what the reference says. A contender found wrong is shown, never timed:
// Dawn drops a submit that breaks a limit, and a library that does nothing is very fast.
import { type LenetWeights, lenetKeys, type Problem } from './problem.ts';
import type { StepResult } from './referenceStep.ts';

/** What a contender reports after its first steps; JSON turns a NaN or an infinity into null. */
export interface Outcome {
  /** The loss of each step, in order. */
  losses: (number | null)[];
  /** All weights after the last of them, in PyTorch's layouts. */
  weights: LenetWeights;
}

/**
 * Returns why `outcome` is wrong, or undefined when it is right: each loss within 1e-3 of the reference's,
 * relative, and each tensor's change within 1e-2 of that tensor's largest change. Float32 stays far inside both
 * (about 1e-6 and 1e-4); a pooling window or a ReLU that falls to the other side by rounding does too.
 */
export function verdict(outcome: Outcome, problem: Problem, reference: StepResult[]): string | undefined {
  for (const [i, step] of reference.entries()) {
    const loss = outcome.losses[i] ?? Number.NaN;
    if (!(Math.abs(loss - step.loss) <= 1e-3 * Math.abs(step.loss)))
      return `loss of step ${i + 1} is ${loss}, reference ${step.loss.toPrecision(7)}`;
  }
  const expected = reference.at(-1)!.weights;
  for (const key of lenetKeys()) {
    const initial = problem.weights[key];
    const given = outcome.weights[key];
    if (given?.length !== initial.length) return `${key} has ${given?.length} values instead of ${initial.length}`;
    const largestChange = Math.max(...expected[key].map((w, i) => Math.abs(w - initial[i])));
    const worst = given.reduce((max, w, i) => maxOrNaN(max, Math.abs((w ?? Number.NaN) - expected[key][i])), 0);
    if (!(worst <= 1e-2 * largestChange))
      return `${key} is off by up to ${worst.toPrecision(3)}, its largest change is ${largestChange.toPrecision(3)}`;
  }
  return undefined;
}

function maxOrNaN(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b);
}
