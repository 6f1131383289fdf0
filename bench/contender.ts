// The parent's side of one contender: a fresh process that is asked, waits, and is ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Problem } from './problem.ts';
import type { Prepared, Request, Response, Round } from './protocol.ts';

export interface ContenderOptions {
  /** Switch the drivers' shader caches off, so that the first step really compiles. Default false. */
  cold?: boolean;
  /** Variables with which every Dawn program finds the same adapter. Default: none beyond this process's own. */
  environment?: Readonly<Record<string, string>>;
  /** Milliseconds a single answer may take. Default 10 minutes. */
  timeoutMs?: number;
}

/** A contender's process. Every method rejects with the child's own words when it fails, dies or stays silent. */
export class Contender {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly timeoutMs: number;
  private output = '';

  /** Starts `program`, a path beside this file: TypeScript, or Python where `WGRAD_PYTHON` names the interpreter. */
  constructor(
    name: string,
    program: string,
    { cold = false, environment = {}, timeoutMs = 600_000 }: ContenderOptions = {},
  ) {
    this.name = name;
    this.timeoutMs = timeoutMs;
    const path = fileURLToPath(new URL(program, import.meta.url));
    const [command, ...flags] = program.endsWith('.py') ? [pythonInterpreter()] : [process.execPath, '--import', 'tsx'];
    this.child = spawn(command, [...flags, path], {
      env: {
        ...process.env,
        ...environment,
        ...(cold && { MESA_SHADER_CACHE_DISABLE: 'true', __GL_SHADER_DISK_CACHE: '0' }),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-2000); // libraries chat; the end explains a failure
      });
  }

  /** Sets up and runs the first steps one by one. */
  async prepare(problem: Problem, firstSteps: number): Promise<Prepared> {
    return this.ask({ type: 'prepare', problem, firstSteps }, 'prepared');
  }

  /** Runs `steps` steps and waits for them. */
  async round(steps: number): Promise<Round> {
    return this.ask({ type: 'round', steps }, 'round');
  }

  /** Ends the process; resolves when it is gone, so the next one has the machine for itself. */
  async quit(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) return;
    const gone = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
    const kill = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    if (this.child.connected) this.child.send({ type: 'quit' } satisfies Request, () => {});
    await gone;
    clearTimeout(kill);
  }

  private ask<T extends Response['type']>(request: Request, expected: T): Promise<Extract<Response, { type: T }>> {
    return new Promise((resolve, reject) => {
      const { child } = this;
      const fail = (reason: string) => settle(() => reject(new Error(`${this.name}: ${reason}`)));
      const onMessage = (response: Response) => {
        if (response.type === expected) settle(() => resolve(response as Extract<Response, { type: T }>));
        else fail(response.type === 'failed' ? response.reason : `answered ${response.type} to ${request.type}`);
      };
      const onExit = () => fail(`its process ended during ${request.type}\n${this.output.trim()}`);
      const onError = (error: Error) => fail(error.message);
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`no answer to ${request.type} within ${this.timeoutMs / 1000} s`);
      }, this.timeoutMs);
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

function pythonInterpreter(): string {
  const python = process.env.WGRAD_PYTHON;
  if (!python) throw new Error('set WGRAD_PYTHON to a Python that has torch');
  return python;
}
