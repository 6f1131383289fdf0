// WebGPU reports errors later, from error scopes. This collects them, typed and with the operation's name, and the
// engine's few awaits (reading, idle) throw the first one.
import { DeviceLostError, KernelError, OutOfMemoryError } from '../kernels/errors.ts';

/** Browsers tell a page of a lost device some milliseconds after its reads have failed. */
const LOSS_MS = 2000;

export class ErrorWatch {
  readonly #device: GPUDevice;
  /** Reports not yet in, and errors not yet thrown; a report without an error leaves at once. */
  #pending = new Set<Promise<Error | undefined>>();
  #lost: DeviceLostError | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    device.lost.then(({ reason, message }) => {
      this.#lost = new DeviceLostError(
        reason === 'destroyed'
          ? 'the device was destroyed; create another with createDevice()'
          : `the GPU device was lost: ${message}. Create another with createDevice() and load the last checkpoint`,
      );
    });
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.add(Promise.resolve(new KernelError(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`)));
    });
  }

  /** @throws DeviceLostError once the device is gone */
  check(): void {
    if (this.#lost) throw this.#lost;
  }

  /** Why a buffer of the engine's own could not be mapped: the device is gone, though word of it may come later. */
  async unmapped(what: string): Promise<Error> {
    await Promise.race([this.#device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_MS))]);
    return this.#lost ?? new KernelError(`${what}: the browser or driver did not map the buffer`);
  }

  /** Runs WebGPU calls inside error scopes; `what` names the operation and its shapes, asked only if there is an error. */
  run<T>(what: () => string, calls: () => T): T {
    this.#device.pushErrorScope('out-of-memory');
    this.#device.pushErrorScope('validation');
    try {
      return calls();
    } finally {
      const validation = this.#device.popErrorScope();
      const memory = this.#device.popErrorScope();
      this.add(validation.then((error) => (error ? new KernelError(`${what()}: ${error.message}`) : undefined)));
      this.add(memory.then((error) => (error ? new OutOfMemoryError(`${what()}: ${error.message}`) : undefined)));
    }
  }

  add(report: Promise<Error | undefined>): void {
    // a lost device rejects its scopes; `check` tells that better
    const settled = report
      .catch(() => undefined)
      .then((error) => {
        if (!error) this.#pending.delete(settled);
        return error;
      });
    this.#pending.add(settled);
  }

  /** Waits for all reports so far. @throws the first error, a shader's own message before its consequences */
  async settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = new Set();
    const errors = (await Promise.all(pending)).filter((error) => error !== undefined);
    this.check();
    const first = errors.find((error) => error.message.includes('does not compile')) ?? errors[0];
    if (first) throw first;
  }
}
