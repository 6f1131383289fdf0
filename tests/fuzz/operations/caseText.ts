// A problem as a case that can be pasted into kernels/<room>/cases.ts.
import type { Room } from '../../../kernels/registry.ts';
import { caseOf, type Problem } from './problem.ts';

export function caseText(room: Room, problem: Problem, { seed, failure }: { seed: number; failure: string }): string {
  const { inputs, options, tolerance } = caseOf(room, problem, seed);
  const { device, how } = problem;
  return [
    `// kernels/${room.operation.name}/cases.ts; ${failure}`,
    `// on the device ${literal(device)} with ${literal(how)}, values from seed ${seed}`,
    '{',
    "  name: 'found by npm run fuzz',",
    `  inputs: ${literal(inputs)},`,
    `  options: ${literal(options)},`,
    ...(tolerance === undefined ? [] : [`  tolerance: ${tolerance},`]),
    '},',
  ].join('\n');
}

/** As TypeScript, where JSON has no NaN, no infinities, no -0 and no undefined. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined);
    return entries.length ? `{ ${entries.map(([key, each]) => `${key}: ${literal(each)}`).join(', ')} }` : '{}';
  }
  if (typeof value === 'string') return `'${value}'`;
  return Object.is(value, -0) ? '-0' : String(value);
}
