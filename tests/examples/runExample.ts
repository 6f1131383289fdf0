// A program of examples/chapter9 in a process of its own, as a reader starts it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Nobody listens there: what has to be downloaded fails at once. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * @param program its file without `.ts`: `10-nin`
 * @param options.env added to this process's environment, in which nothing can be downloaded
 */
export function runExample(
  program: string,
  args: readonly string[] = [],
  { env = {} }: { env?: Record<string, string> } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', `examples/chapter9/${program}.ts`, ...args], {
    cwd: root,
    env: { ...process.env, WGRAD_WEIGHTS_URL: NOWHERE, WGRAD_DATASETS_URL: NOWHERE, ...env },
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    ended.stderr += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}
