// Ctrl-C and SIGTERM as an AbortSignal: the first asks the run to stop, the second ends the process at once.
import { constants } from 'node:os';

export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
  /** 128 + the signal's number, by convention; undefined while nobody asked to stop. */
  readonly exitCode: number | undefined;
}

/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm. */
const SAME_KEY_MS = 500;

export function stopSignal(): StopSignal {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  let exitCode: number | undefined;
  let first = 0;
  const onSignal = (name: NodeJS.Signals) => {
    if (exitCode !== undefined) {
      if (performance.now() - first > SAME_KEY_MS) process.exit(exitCode);
      return;
    }
    first = performance.now();
    exitCode = 128 + constants.signals[name];
    process.stderr.write('\nstopping after this step; once more ends it at once, unsaved\n');
    controller.abort();
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
