// Ends the endless loops of an edited shader and tells where they are: no driver stops one in time, and some never do
// (a browser on SwiftShader computes nothing more until it is closed).
import { type Operation, type Problem, type Specs, sizeOf } from '../kernels/definition.ts';
import { KernelError } from '../kernels/errors.ts';
import { parseShader, type Shader } from '../kernels/shader.ts';

/** The input, bound under that name, that holds the line of a loop which was ended; 0 while there is none. */
export const LOOP_GUARD = 'wgradLoopGuard';

const NAMES = /\b(?:wgradLoopGuard|wgradStop|wgradTrips\d+)\b/;

/** The same for a whole workgroup, so that barriers stay where all threads meet. */
const SKIP = ` wgradStop = atomicLoad(&${LOOP_GUARD}[0]); if (workgroupUniformLoad(&wgradStop) != 0u) { return; }`;

/**
 * The same shader with a budget for each loop: one that makes more than `trips` in a call of its function is left, and
 * workgroups that start afterwards do nothing.
 * @throws KernelError for a text that uses the guard's own names
 */
export function guardLoops(shader: Shader, trips: number): Shader {
  const { code, label, bindings } = shader;
  if (NAMES.test(code))
    throw new KernelError(`${label}: names that begin with wgradLoopGuard, wgradStop, wgradTrips are taken`);
  const masked = maskComments(code);
  const added: { at: number; text: string }[] = [];
  const insert = (at: number, text: string) => added.push({ at, text });
  let loops = 0;
  let pending: string | undefined;
  let body = 0; // of the function under way
  let isEntry = false;
  const open: string[] = []; // what to write behind the braces that are open
  for (const { 0: word, index } of masked.matchAll(/@compute\b|\bfn\b|\b(?:for|while|loop)\b|[{}]/g)) {
    let behind = '';
    if (word === '}') insert(index + 1, open.pop() ?? '');
    else if (word === '@compute') isEntry = true;
    else if (word !== '{') pending = word;
    else {
      if (pending === 'fn') {
        body = index + 1;
        if (isEntry) insert(body, SKIP);
        isEntry = false;
      } else if (pending) {
        const counter = `wgradTrips${loops++}`;
        const line = masked.slice(0, index).split('\n').length;
        insert(body, ` var ${counter} = 0u;`);
        insert(index + 1, ` ${counter}++; if (${counter} > ${trips}u) { break; }`);
        // not within: software adapters walk through atomics even where no thread takes the branch
        behind = ` if (${counter} > ${trips}u) { atomicMax(&${LOOP_GUARD}[0], ${line}u); }`;
      }
      open.push(behind);
      pending = undefined;
    }
  }
  if (!loops) return shader;
  let guarded = code;
  for (const { at, text } of added.sort((a, b) => b.at - a.at)) {
    guarded = guarded.slice(0, at) + text + guarded.slice(at);
  }
  const binding = 1 + Math.max(-1, ...Object.values(bindings).map((own) => own.binding));
  guarded += `\n@group(0) @binding(${binding}) var<storage, read_write> ${LOOP_GUARD}: array<atomic<u32>>;\n`;
  guarded += 'var<workgroup> wgradStop: u32;\n';
  return parseShader(label, guarded);
}

/**
 * Trips that no honest loop needs: a thread may walk through the largest tensor alone, with a tile of registers for each
 * element. One of a few numbers, since each makes another pipeline.
 */
export function loopBudget(shapes: readonly (readonly number[])[]): number {
  const elements = Math.max(1, ...shapes.map(sizeOf));
  return 4 ** Math.max(10, Math.ceil(Math.log2(elements) / 2) + 2);
}

/** The operation with `LOOP_GUARD` as one input more, for shaders that bind it. */
export function withLoopGuard<Options>(operation: Operation<Options>): Operation<Options> {
  const without = (problem: Problem<Options>) => ({ ...problem, inputs: others(problem.inputs) });
  return {
    ...operation,
    inputs: [...operation.inputs, { name: LOOP_GUARD, layout: 'any', dtype: 'uint32', differentiable: false }],
    infer: (inputs, options) => operation.infer(others(inputs), options),
    forward: (problem) => operation.forward(without(problem)),
    saved: (wanted, problem) => [...(operation.saved?.(wanted, without(problem)) ?? []), LOOP_GUARD],
    ...(operation.backward && { backward: (problem, wanted) => operation.backward!(without(problem), wanted) }),
  };
}

/** @param line what the guard holds. @throws KernelError when that is a line */
export function checkLoopGuard(line: number, { label, trips }: { label: string; trips: number }): void {
  if (!line) return;
  throw new KernelError(
    `${label}: the loop at line ${line} did not end within ${trips.toLocaleString('en-US')} trips, far more than this problem has elements; it was stopped`,
  );
}

function others({ [LOOP_GUARD]: _, ...inputs }: Specs): Specs {
  return inputs;
}

/** Blanks instead of comments: everything stays at its place. */
function maskComments(code: string): string {
  return code.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '));
}
