// JavaScript's own end of memory: a RangeError without a word about what was asked for.
import { type MemoryRequest, OutOfMemoryError } from '../kernels/errors.ts';

/** V8's, SpiderMonkey's and JavaScriptCore's words for it; other RangeErrors are faults of the program. */
const NO_ROOM =
  /allocation failed|out of memory|invalid (typed )?array (buffer )?length|invalid array buffer|too large/i;

/** Runs `fn`, which makes arrays of about that many bytes. @throws OutOfMemoryError where the host has no memory for them */
export function onHost<T>(request: MemoryRequest, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof RangeError && NO_ROOM.test(error.message))) throw error;
    throw new OutOfMemoryError(
      `${request.what}: the host has no ${request.bytes} bytes for an array (${error.message}). Read or write fewer values at once, or give the process more memory`,
      { cause: error, requested: request },
    );
  }
}
