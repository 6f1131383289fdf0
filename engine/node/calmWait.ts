// Waiting for a GPU that is made of the CPU's own cores. While a promise of Dawn's is pending, its Node binding polls in
// a loop that keeps a core busy, one of those that compute; here the thread sleeps between the polls. On two cores
// lavapipe has a 1024 x 1024 matmul done in 100 ms instead of 126, a 3x3 convolution in 82 instead of 115.

/** Sleeps for this share of the time since something last came of waiting: so much later an answer may be seen. */
const SHARE = 0.05;
/** Milliseconds; the most is what other work of the thread may be held up by. */
const SLEEP = { least: 0.02, most: 1 };

/** Awaits promises of the GPU without spinning. */
export class CalmWait {
  /** Promises awaited. */
  #pending = 0;
  /** When the first of them came, or one was last fulfilled. */
  #since = 0;
  #isScheduled = false;
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));

  /** The same promise, as it turns out. */
  async for<T>(promise: Promise<T>): Promise<T> {
    if (this.#pending++ === 0) this.#since = performance.now();
    this.#schedule();
    try {
      return await promise;
    } finally {
      this.#pending--;
      this.#since = performance.now();
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#pending === 0) return;
    this.#isScheduled = true;
    setImmediate(this.#sleep);
  }

  /** Once in each turn of the event loop, as Dawn's poll. */
  readonly #sleep = (): void => {
    this.#isScheduled = false;
    if (this.#pending === 0) return;
    const milliseconds = SHARE * (performance.now() - this.#since);
    Atomics.wait(this.#cell, 0, 0, Math.min(SLEEP.most, Math.max(SLEEP.least, milliseconds)));
    this.#schedule();
  };
}
