// Whether a reader ran anything: programs, text as code, native modules. (node:vm is not watched: streams of Node use it.)
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

export interface ExecutionWatch {
  /** What was run since the last call, by name. */
  taken(): string[];
}

/**
 * Puts watched functions into the place of those that run something; they refuse.
 * @param options.allowFunction leaves `Function` alone: the JPEG decoder makes its glue with it
 */
export function watchExecutions({ allowFunction = false } = {}): ExecutionWatch {
  let seen: string[] = [];
  const refuse = (name: string) =>
    function refused(): never {
      seen.push(name);
      throw new Error(`${name} was called`);
    };
  for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'] as const) {
    (childProcess as unknown as Record<string, unknown>)[name] = refuse(`child_process.${name}`);
  }
  syncBuiltinESMExports();
  const global = globalThis as unknown as Record<string, unknown>;
  global.eval = refuse('eval');
  process.dlopen = refuse('process.dlopen');
  if (!allowFunction) {
    const calls = { apply: refuse('Function'), construct: refuse('Function') };
    const watched = new Proxy(Function, calls);
    Object.defineProperty(Function.prototype, 'constructor', { value: watched });
    global.Function = watched;
  }
  return {
    taken() {
      const taken = seen;
      seen = [];
      return taken;
    },
  };
}
