// WebGPU reports errors later, from error scopes. This collects them, typed and with the operation's name, and the
// engine's few awaits (reading, idle) throw the first one.
//
// A buffer that the driver has no memory for is reported late too, when more work was recorded and submitted. So that
// none of that work does harm, such as an optimizer's step with gradients that were never computed, every submission
// names all buffers in doubt: WebGPU drops one that names a missing buffer as a whole. From the last submission before
// the missing buffer on nothing happens on the GPU until the caller was told, and what was made meanwhile has no contents.
import { DeviceLostError, KernelError, OutOfMemoryError } from '../kernels/errors.ts';

/** Browsers tell a page of a lost device some milliseconds after its reads have failed. */
const LOSS_MS = 2000;

/** Spans of dropped work that late reports are compared with. */
const MOST_SPANS = 16;

/** Work that never ran: what came between a missing buffer and the moment the caller was told. */
interface Dropped {
  readonly from: number;
  until: number;
}

interface Missing {
  readonly error: OutOfMemoryError;
  readonly report: Promise<Error | undefined>;
  readonly dropped: Dropped;
}

export class ErrorWatch {
  /** Counts calls; everything that is reported late has its time. */
  now = 0;
  readonly #device: GPUDevice;
  /** Reports not yet in, and errors not yet thrown; a report without an error leaves at once. */
  readonly #pending = new Set<Promise<Error | undefined>>();
  /** Made, but the driver has not said yet that they are there. */
  readonly #inDoubt = new Set<GPUBuffer>();
  /** To be destroyed as soon as that is known: submissions name them until then. */
  readonly #doomed = new Set<GPUBuffer>();
  /** Those that are not there, of which the caller was not told. */
  readonly #missing = new Map<GPUBuffer, Missing>();
  readonly #dropped: Dropped[] = [];
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
      const { error } = event as GPUUncapturedErrorEvent;
      const Typed = isOutOfMemory(error) ? OutOfMemoryError : KernelError;
      this.add(Promise.resolve(new Typed(`WebGPU: ${error.message}`)));
    });
  }

  /** @throws DeviceLostError once the device is gone; OutOfMemoryError once the driver said so and nobody was told */
  check(): void {
    if (this.#lost) throw this.#lost;
    if (this.#missing.size === 0) return;
    const missing = [...this.#missing.values()];
    for (const { report } of missing) this.#pending.delete(report);
    this.#tell(missing.map(({ error }) => error));
    throw missing[0].error;
  }

  /** Whether all buffers are known to be there. */
  get isCertain(): boolean {
    return this.#inDoubt.size === 0 && this.#missing.size === 0;
  }

  /** Why a buffer of the engine's own could not be mapped: the device is gone, though word of it may come later. */
  async unmapped(what: string): Promise<Error> {
    await Promise.race([this.#device.lost, new Promise((resolve) => setTimeout(resolve, LOSS_MS))]);
    return this.#lost ?? new KernelError(`${what}: the browser or driver did not map the buffer`);
  }

  /**
   * Runs WebGPU calls inside error scopes.
   * @param what names the operation and its shapes, asked only if there is an error
   * @param outOfMemory makes the error where the driver had no memory for them
   */
  run<T>(
    what: () => string,
    calls: () => T,
    outOfMemory = (reason: string) => new OutOfMemoryError(`${what()}: ${reason}`),
  ): T {
    const at = ++this.now;
    const [result, validation, memory] = this.#scoped(calls);
    this.add(
      validation.then((error) =>
        error && !this.#wasDropped(at) ? new KernelError(`${what()}: ${error.message}`) : undefined,
      ),
    );
    this.add(memory.then((error) => (error ? outOfMemory(error.message) : undefined)));
    return result();
  }

  /**
   * Makes a buffer, to be destroyed by `destroy`. Where `isCertain`, recorded work must have been submitted before.
   * @param missing called when it turns out that the driver has no memory for it, before anybody is told
   */
  buffer(make: () => GPUBuffer, missing: (buffer: GPUBuffer, reason: string) => OutOfMemoryError): GPUBuffer {
    const dropped: Dropped = { from: ++this.now, until: Infinity };
    const [result, validation, memory] = this.#scoped(make);
    this.add(validation.then((error) => (error ? new KernelError(`a buffer: ${error.message}`) : undefined)));
    const buffer = result();
    this.#inDoubt.add(buffer);
    const report = this.add(
      memory
        .then((refused) => {
          if (!refused) return undefined;
          const error = missing(buffer, refused.message);
          this.#missing.set(buffer, { error, report, dropped });
          this.#dropped.push(dropped);
          if (this.#dropped.length > MOST_SPANS) this.#dropped.shift();
          return error;
        })
        .finally(() => this.#isKnown(buffer)),
    );
    return buffer;
  }

  /** Destroys a buffer, as soon as no submission needs to name it any more. */
  destroy(buffer: GPUBuffer): void {
    if (this.#inDoubt.has(buffer)) this.#doomed.add(buffer);
    else buffer.destroy();
  }

  /** Names the buffers in doubt in a submission, so that it is dropped where one of them is missing. */
  guard(encoder: GPUCommandEncoder): void {
    for (const buffer of this.#inDoubt) encoder.clearBuffer(buffer, 0, 0);
    for (const buffer of this.#missing.keys()) encoder.clearBuffer(buffer, 0, 0);
  }

  add(report: Promise<Error | undefined>): Promise<Error | undefined> {
    // a lost device rejects its scopes; `check` tells that better
    const settled = report
      .catch(() => undefined)
      .then((error) => {
        if (!error) this.#pending.delete(settled);
        return error;
      });
    this.#pending.add(settled);
    return settled;
  }

  /**
   * Waits for all reports so far. Every read under way meets the same error: the work of all may have been dropped.
   * @throws the first error, a shader's own message and the end of memory before their consequences
   */
  async settle(): Promise<void> {
    const reports = [...this.#pending];
    const errors = (await Promise.all(reports)).filter((error) => error !== undefined);
    for (const report of reports) this.#pending.delete(report);
    if (this.#lost) throw this.#lost;
    const first =
      errors.find((error) => error.message.includes('does not compile')) ??
      errors.find((error) => error instanceof OutOfMemoryError) ??
      errors[0];
    if (!first) return;
    const ended = errors.filter((error) => error instanceof OutOfMemoryError);
    this.#tell(ended);
    // what was given back is free only then; a device that is lost meanwhile says so
    if (ended.length) await this.#device.queue.onSubmittedWorkDone().catch(() => this.check());
    throw first;
  }

  /** The calls' outcome, and what both scopes say. */
  #scoped<T>(
    calls: () => T,
  ): [result: () => T, validation: Promise<GPUError | null>, memory: Promise<GPUError | null>] {
    this.#device.pushErrorScope('out-of-memory');
    this.#device.pushErrorScope('validation');
    let result: () => T;
    try {
      const value = calls();
      result = () => value;
    } catch (error) {
      result = () => {
        throw error;
      };
    }
    const validation = this.#device.popErrorScope();
    return [result, validation, this.#device.popErrorScope()];
  }

  /** Whether the driver has a buffer is known now. */
  #isKnown(buffer: GPUBuffer): void {
    this.#inDoubt.delete(buffer);
    if (this.#doomed.delete(buffer)) buffer.destroy();
  }

  /** The caller learns of these: what comes from now on runs again. */
  #tell(errors: readonly Error[]): void {
    for (const [buffer, { error, dropped }] of this.#missing) {
      if (!errors.includes(error)) continue;
      this.#missing.delete(buffer);
      dropped.until = this.now;
    }
  }

  #wasDropped(at: number): boolean {
    return this.#dropped.some(({ from, until }) => at > from && at <= until);
  }
}

function isOutOfMemory(error: GPUError): boolean {
  return typeof GPUOutOfMemoryError !== 'undefined' && error instanceof GPUOutOfMemoryError;
}
