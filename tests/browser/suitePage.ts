// Runs one suite in the page: what uvu and suites use of Node's process is here, and writes to the test runner.

interface Page {
  /** Given by the test runner. */
  readonly suiteBundle: string;
  readonly suiteEnvironment: Readonly<Record<string, string>>;
  writeOutput(text: string): void;
  endSuite(exitCode: number): void;
  /** uvu's: suites that are to run, after a null that its runner takes away when it starts. */
  readonly UVU_QUEUE?: readonly (readonly unknown[])[];
}

const { suiteBundle, suiteEnvironment, writeOutput, endSuite } = globalThis as unknown as Page;
const state: { exitCode?: number; isLoaded: boolean } = { isLoaded: false };

Object.assign(globalThis, {
  process: {
    argv: [],
    env: { ...suiteEnvironment },
    stdout: { write: writeOutput, isTTY: false },
    stderr: { write: writeOutput, isTTY: false },
    hrtime: elapsed,
    on: () => {}, // 'exit' never comes to a page
    set exitCode(code: number) {
      state.exitCode = Math.max(state.exitCode ?? 0, code);
      endIfDone();
    },
  },
});
for (const name of ['log', 'info', 'warn', 'error'] as const) {
  console[name] = (...values: unknown[]) => writeOutput(`${values.map(shown).join(' ')}\n`);
}
addEventListener('error', ({ error, message }) => fail(error ?? message));
addEventListener('unhandledrejection', ({ reason }) => fail(reason));

try {
  await import(suiteBundle);
  state.isLoaded = true;
  // uvu starts in a later task; a suite that gave it nothing has ended
  if (!(globalThis as unknown as Page).UVU_QUEUE?.some((group) => group.some(Boolean))) state.exitCode ??= 0;
  endIfDone();
} catch (error) {
  fail(error);
}

/** uvu sets the exit code when it has printed its summary. */
function endIfDone(): void {
  if (state.isLoaded && state.exitCode !== undefined) endSuite(state.exitCode);
}

function fail(error: unknown): void {
  writeOutput(`${shown(error)}\n`);
  endSuite(1);
}

function shown(value: unknown): string {
  if (value instanceof Error) return value.stack ?? String(value);
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

/** As process.hrtime: seconds and nanoseconds, since `before` where that is given. */
function elapsed(before: readonly [number, number] = [0, 0]): [number, number] {
  const nanoseconds = performance.now() * 1e6 - (before[0] * 1e9 + before[1]);
  return [Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
}
