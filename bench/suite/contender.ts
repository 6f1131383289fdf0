// The parent's side of one contender: a fresh process that is asked, waits, and is ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ContenderName, contenders } from './contenders.ts';
import type { Problem } from './problem.ts';
import type { Prepared, Request, Response, Timed } from './protocol.ts';
import { checkedRuns } from './workload.ts';

export interface ContenderOptions {
  /** With empty shader caches of its own, so that the first run really compiles. Default false. */
  isCold?: boolean;
  /** Variables with which every Dawn program finds the same adapter. Default: none beyond this process's own. */
  environment?: Readonly<Record<string, string>>;
  /** Milliseconds a single answer may take. Default 15 minutes. */
  timeoutMs?: number;
}

/** A contender's process. Every method rejects with the child's own words when it fails, dies or stays silent. */
export class Contender {
  readonly name: ContenderName;
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #cacheFolder: string | undefined;
  #output = '';

  constructor(name: ContenderName, { isCold = false, environment = {}, timeoutMs = 900_000 }: ContenderOptions = {}) {
    this.name = name;
    this.#timeoutMs = timeoutMs;
    this.#cacheFolder = isCold ? mkdtempSync(join(tmpdir(), 'wgrad-bench-')) : undefined;
    const [command, ...parameters] = commandOf(name);
    const cold = this.#cacheFolder && {
      MESA_SHADER_CACHE_DIR: this.#cacheFolder,
      __GL_SHADER_DISK_CACHE_PATH: this.#cacheFolder,
    };
    this.#child = spawn(command, parameters, {
      env: { ...process.env, ...environment, ...cold },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-2000); // libraries chat; the end explains a failure
      });
  }

  /** Sets up and does the checked runs one by one. */
  prepare(problem: Problem): Promise<Prepared> {
    return this.#ask({ type: 'prepare', problem, runs: checkedRuns(problem.workload) }, 'prepared');
  }

  /** Does `runs` runs and waits for them. */
  time(runs: number): Promise<Timed> {
    return this.#ask({ type: 'time', runs }, 'timed');
  }

  /** Ends the process; resolves when it is gone, so the next one has the machine for itself. */
  async quit(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
      if (child.connected) child.send({ type: 'quit' } satisfies Request, () => {});
      await gone;
      clearTimeout(kill);
    }
    if (this.#cacheFolder) rmSync(this.#cacheFolder, { recursive: true, force: true });
  }

  #ask<T extends Response['type']>(request: Request, expected: T): Promise<Extract<Response, { type: T }>> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      const fail = (reason: string) => settle(() => reject(new Error(reason)));
      const onMessage = (response: Response) => {
        if (response.type === expected) settle(() => resolve(response as Extract<Response, { type: T }>));
        else fail(response.type === 'failed' ? response.reason : `answered ${response.type} to ${request.type}`);
      };
      const onExit = () => fail(`its process ended during ${request.type}: ${complaint(this.#output)}`);
      const onError = (error: Error) => fail(error.message);
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`no answer to ${request.type} within ${this.#timeoutMs / 1000} s`);
      }, this.#timeoutMs);
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit).off('error', onError);
        finish();
      };
      child.on('message', onMessage).on('exit', onExit).on('error', onError);
      if (child.exitCode !== null || child.signalCode !== null) onExit();
      else child.send(request, (error) => error && onError(error));
    });
  }
}

/** Of what a dying process wrote, from the line that names the error on. */
function complaint(output: string): string {
  const lines = output.trim().split('\n');
  const first = lines.findIndex((line) => /error/i.test(line));
  return lines.slice(Math.max(0, first)).join('\n');
}

function commandOf(name: ContenderName): [string, ...string[]] {
  const { program } = contenders[name];
  const path = fileURLToPath(program);
  if (path.endsWith('.py')) return [process.env.WGRAD_PYTHON ?? 'python3', path];
  // tsx is found from here, wherever the user stands
  return [process.execPath, ...(path.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : []), path];
}
