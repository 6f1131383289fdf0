// For adapters without timestamp queries: what was recorded runs a second time, one dispatch at a time, and the host
// waits for each. The time to submit and wait for nothing is taken off.
import type { Device } from '../device.ts';
import type { Clock, DispatchCall, Span } from './clock.ts';

/** Waits for an empty queue that are timed; the least counts. */
const EMPTY_WAITS = 10;

export class WallClock implements Clock {
  readonly kind = 'wallClock';
  readonly #device: Device;
  readonly #calls: DispatchCall[] = [];

  constructor(device: Device) {
    this.#device = device;
  }

  dispatches(call: DispatchCall): undefined {
    this.#calls.push(call);
  }

  submits(): void {}

  async read(): Promise<Span[]> {
    const floor = await this.#emptyWait();
    const spans: Span[] = [];
    let start = 0;
    for (const call of this.#calls.splice(0)) {
      const end = start + Math.max(0, (await this.#timed(() => this.#device.recorder.dispatch(...call))) - floor);
      spans.push({ start, end });
      start = end;
    }
    return spans;
  }

  destroy(): void {}

  async #emptyWait(): Promise<number> {
    await this.#device.idle();
    let least = Infinity;
    for (let i = 0; i < EMPTY_WAITS; i++) least = Math.min(least, await this.#timed(() => {}));
    return least;
  }

  /** Nanoseconds. */
  async #timed(record: () => void): Promise<number> {
    const started = performance.now();
    record();
    this.#device.recorder.flush();
    await this.#device.gpu.queue.onSubmittedWorkDone();
    return (performance.now() - started) * 1e6;
  }
}
