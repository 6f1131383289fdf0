// Threads that decode pictures, so that the one that answers requests never does. One that takes too long, or dies, is
// replaced; its picture alone is refused.
import type { Worker } from 'node:worker_threads';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import { fromSentError, type SentError } from '../datasets/loader/protocol.ts';
import { startThread } from '../datasets/node/startThread.ts';
import { ServiceError } from './serviceError.ts';

export interface DecodeJob {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** What errors call the picture. */
  readonly name: string;
  readonly preprocessing: Preprocessing;
  readonly maxPixels: number;
}

export type DecodeAnswer =
  | { readonly id: number; readonly data: Float32Array<ArrayBuffer> }
  /** More than may be. */
  | { readonly id: number; readonly size: string }
  | { readonly id: number; readonly error: SentError };

export interface DecodePoolOptions {
  threads: number;
  preprocessing: Preprocessing;
  maxPixels: number;
  /** Milliseconds for one picture. */
  timeout: number;
}

interface Job {
  readonly message: DecodeJob;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (data: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  worker: Worker;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** JavaScript's heap of a thread; pixels lie outside of it. */
const THREAD = { resourceLimits: { maxOldGenerationSizeMb: 512 }, isOwnCode: true };

export class DecodePool {
  readonly #options: DecodePoolOptions;
  readonly #threads: Thread[];
  readonly #waiting: Job[] = [];
  #ids = 0;
  #isClosed = false;

  constructor(options: DecodePoolOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.threads }, () => this.#start());
  }

  /** Pictures that wait for a thread. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * @param bytes of the picture's file; not the caller's any more
   * @returns [c, h, w], row-major
   * @throws FormatError for what is no picture or a damaged one, ShapeError where it cannot be resized so, ServiceError
   *   where it takes too long or ends the thread
   */
  decode(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<Float32Array> {
    const { preprocessing, maxPixels } = this.#options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const message = { id: this.#ids++, bytes, name, preprocessing, maxPixels };
      const job = { message, signal, resolve, reject };
      this.#waiting.push(job);
      signal?.addEventListener('abort', () => {
        const index = this.#waiting.indexOf(job);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(signal.reason);
      });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#threads) clearTimeout(timer);
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #next(): void {
    for (const thread of this.#threads) {
      if (thread.job) continue;
      const job = this.#waiting.shift();
      if (!job) return;
      thread.job = job;
      const { timeout } = this.#options;
      thread.timer = setTimeout(() => this.#replace(thread, `took longer than ${timeout} ms to decode`), timeout);
      thread.worker.postMessage(job.message);
    }
  }

  #start(): Thread {
    const worker = startThread(new URL('./decodeThread', import.meta.url), THREAD);
    const thread: Thread = { worker, job: undefined, timer: undefined };
    this.#listen(thread);
    return thread;
  }

  #listen(thread: Thread): void {
    const { worker } = thread;
    let reason = 'ended the thread that decoded it';
    worker.on('message', (answer: DecodeAnswer) => {
      const { job } = thread;
      if (thread.worker !== worker || !job) return;
      this.#release(thread);
      if ('data' in answer) job.resolve(answer.data);
      else if ('error' in answer) job.reject(fromSentError(answer.error));
      else job.reject(tooLarge(job.message, answer.size));
      this.#next();
    });
    worker.on('error', (error) => {
      reason = `could not be decoded (${error.message})`;
    });
    worker.on('exit', () => {
      if (thread.worker === worker && !this.#isClosed) this.#replace(thread, reason);
    });
  }

  #release(thread: Thread): void {
    clearTimeout(thread.timer);
    thread.job = undefined;
    thread.timer = undefined;
  }

  #replace(thread: Thread, reason: string): void {
    const { job, worker } = thread;
    this.#release(thread);
    thread.worker = startThread(new URL('./decodeThread', import.meta.url), THREAD);
    this.#listen(thread);
    void worker.terminate();
    job?.reject(new ServiceError(422, 'undecodable', `${job.message.name} ${reason}`));
    this.#next();
  }
}

function tooLarge({ name, maxPixels }: DecodeJob, size: string): ServiceError {
  return new ServiceError(413, 'too_many_pixels', `${name} has ${size} pixels; at most ${maxPixels} in all are taken`);
}
