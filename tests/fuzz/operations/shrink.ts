// The smallest problem that still fails: fast-check shrinks the choices that drew it, then extents shrink below what the
// room's own `draw` would give.
import fc from 'fast-check';
import type { Shape } from '../../../kernels/definition.ts';
import { sizeOf } from '../../../kernels/definition.ts';
import type { Room } from '../../../kernels/registry.ts';
import type { AnyCase } from '../../../lab/checkCase.ts';
import { replaying } from './choices.ts';
import { type Devices, drawProblem, type Problem, runProblem } from './problem.ts';

const MOST_TRIES = 400;

/** @param choices of a problem that fails with this seed */
export async function shrunk(devices: Devices, room: Room, choices: readonly number[], seed: number): Promise<Problem> {
  const fails = async (problem: Problem) => isWrong(await runProblem(devices, room, problem, seed));
  let smallest = drawProblem(room, replaying(choices), devices);
  const holds = fc.asyncProperty(fc.array(fc.nat(), { maxLength: choices.length }), async (tried) => {
    const problem = drawProblem(room, replaying(tried), devices);
    if (!(await fails(problem))) return true;
    smallest = problem; // fast-check goes on from each that fails
    return false;
  });
  await fc.check(holds, { examples: [[[...choices]]], numRuns: 1, seed, interruptAfterTimeLimit: 60_000 });
  return smallerExtents(smallest, fails);
}

/** A difference, or what was thrown past the door: shapes that the door refuses are no failure to keep while shrinking. */
function isWrong({ failure }: { failure: string | undefined }): boolean {
  return failure !== undefined && !failure.startsWith('ShapeError');
}

/** Extents that are equal shrink together or alone, to 1, to half and by one, while the problem fails. */
async function smallerExtents(problem: Problem, fails: (problem: Problem) => Promise<boolean>): Promise<Problem> {
  let smallest = problem;
  let tries = 0;
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false;
    for (const test of smaller(smallest.test)) {
      if (tries++ >= MOST_TRIES) return smallest;
      if (!(await fails({ ...smallest, test }))) continue;
      smallest = { ...smallest, test };
      hasShrunk = true;
      break;
    }
  }
  return smallest;
}

function* smaller(test: AnyCase): Generator<AnyCase> {
  const extents = new Set(Object.values(test.inputs).flatMap(({ shape }) => shape.filter((extent) => extent > 1)));
  for (const extent of [...extents].sort((a, b) => b - a)) {
    for (const to of new Set([1, extent >> 1, extent - 1]))
      yield withShapes(test, (shape) => shape.map((each) => (each === extent ? to : each)));
    for (const [name, { shape }] of Object.entries(test.inputs)) {
      for (const [dimension, each] of shape.entries()) {
        if (each !== extent) continue;
        for (const to of new Set([1, extent >> 1, extent - 1])) {
          yield withShapes(test, (before, input) => (input === name ? before.with(dimension, to) : before));
        }
      }
    }
  }
}

function withShapes(test: AnyCase, change: (shape: number[], input: string) => Shape): AnyCase {
  const inputs = Object.entries(test.inputs).map(([name, input]) => {
    const shape = change([...input.shape], name);
    const { fill } = input;
    if (typeof fill !== 'object' || !('values' in fill)) return [name, { ...input, shape }];
    return [name, { shape, fill: { values: fill.values.slice(0, sizeOf(shape)) } }];
  });
  return { ...test, inputs: Object.fromEntries(inputs) };
}
