// What a loader and its workers say to each other.
import * as errors from '../../kernels/errors.ts';
import type { Dataset } from '../dataset.ts';
import type { DatasetSource } from '../imageDataset.ts';
import type { BatchJob, PackedBatch } from './makeBatch.ts';

/** The recipe in a form that can be sent. */
export interface WorkerSetup {
  readonly opens: { readonly dataset: Dataset } | { readonly source: DatasetSource };
  /** Samples that the loader counted; a worker that finds another number read something else. */
  readonly count: number;
  readonly name: string;
  readonly transform: { readonly type: string } | null;
  readonly seed: number;
  readonly skipBad: boolean;
}

export type ToWorker =
  | { readonly setup: WorkerSetup }
  | { readonly id: number; readonly job: BatchJob }
  /** Jobs whose results nobody awaits any more. */
  | { readonly forget: readonly number[] };

export type FromWorker =
  | { readonly id: number; readonly batch: PackedBatch<unknown> }
  | { readonly id: number; readonly error: SentError };

export interface SentError {
  /** Of the known classes, the closest to the error's own. */
  readonly kind: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** A thread, whichever kind the platform has. */
export interface LoaderWorker {
  post(message: ToWorker): void;
  /** Called once, before anything is posted. `onEnd` says why it ended unasked. */
  listen(events: { onMessage: (message: FromWorker) => void; onEnd: (reason: string) => void }): void;
  /** Whether the process must stay alive for it. */
  setBusy(isBusy: boolean): void;
  terminate(): Promise<void>;
}

/** Classes that exist in every thread; structured cloning keeps only the language's. */
const kinds: Readonly<Record<string, new (message: string) => Error>> = {
  ...errors,
  ...{ Error, TypeError, RangeError, SyntaxError, ReferenceError },
};

export function toSentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { kind: 'Error', name: 'Error', message: String(error), stack: undefined };
  const { name, message, stack } = error;
  let known: unknown = error.constructor;
  // a DOMException's constructor does not descend from Error's
  while (typeof known === 'function' && kinds[known.name] !== known) known = Object.getPrototypeOf(known);
  return { kind: typeof known === 'function' ? known.name : 'Error', name, message, stack };
}

/** An error of the same class and name, or of the closest class that is known. */
export function fromSentError({ kind, name, message, stack }: SentError): Error {
  const error = new kinds[kind]!(message);
  if (error.name !== name) error.name = name;
  if (stack) error.stack = stack; // where it happened, not where it arrived
  return error;
}
