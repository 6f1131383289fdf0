// Dynamic batching: what arrives while a batch runs makes the next one.

export interface BatcherOptions<Input, Output> {
  /** Runs one batch of at most `maxBatch`; batches never overlap. */
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>;
  maxBatch: number;
  /** How long the first of a batch waits for others where nothing runs, milliseconds. */
  maxDelay: number;
}

interface Waiting<Input, Output> {
  readonly input: Input;
  readonly since: number;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher<Input, Output> {
  readonly #options: BatcherOptions<Input, Output>;
  readonly #waiting: Waiting<Input, Output>[] = [];
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions<Input, Output>) {
    this.#options = options;
  }

  /** Inputs that no batch has taken yet. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * @param signal takes the input back while it waits
   * @throws what `run` throws for the whole batch; the signal's reason
   */
  submit(input: Input, signal?: AbortSignal): Promise<Output> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const waiting = { input, since: performance.now(), resolve, reject };
      this.#waiting.push(waiting);
      signal?.addEventListener('abort', () => {
        const index = this.#waiting.indexOf(waiting);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(signal.reason);
      });
      this.#next();
    });
  }

  /** Resolves when nothing waits or runs. */
  async drain(): Promise<void> {
    while (this.#running || this.#waiting.length) {
      await this.#running;
      if (!this.#running && this.#waiting.length) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Starts a batch when one is due. */
  #next(): void {
    const { maxBatch, maxDelay } = this.#options;
    if (this.#running || this.#waiting.length === 0) return;
    const age = performance.now() - this.#waiting[0].since;
    if (this.#waiting.length < maxBatch && age < maxDelay) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#next();
      }, maxDelay - age);
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#run(this.#waiting.splice(0, maxBatch)).finally(() => {
      this.#running = undefined;
      this.#next();
    });
  }

  async #run(batch: readonly Waiting<Input, Output>[]): Promise<void> {
    try {
      const outputs = await this.#options.run(batch.map(({ input }) => input));
      for (const [i, { resolve }] of batch.entries()) resolve(outputs[i]);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
