// Runs training steps: captured where a batch is like the first one, else operation by operation. Results are the same
// bytes either way.
import type { CapturedStep } from '../engine/capture/index.ts';
import type { Device } from '../engine/device.ts';
import { Tensor } from '../engine/tensor.ts';
import { bytesOf } from '../kernels/definition.ts';
import { CaptureError } from '../kernels/errors.ts';

/** Values for a step, not yet on the device or enqueued by a function. */
export type StepValues = { readonly values: Float32Array; readonly shape: readonly number[] } | (() => Tensor);

export interface StepBatch {
  readonly x: StepValues;
  /** [n] */
  readonly labels: Uint32Array;
}

export interface StepTensors {
  /** A scalar. */
  loss: Tensor;
  /** uint32 [n]. */
  predictions: Tensor;
}

export interface StepRunnerOptions<Batch> {
  device: Device;
  /** The whole step, optimizer included. What it reads of the batch besides its shape must be in `x` and `labels`. */
  step: (x: Tensor, labels: Tensor, batch: Batch) => StepTensors;
  /** Whether steps may be captured. Default true. */
  capture?: boolean | undefined;
}

/** Captures made in vain before it gives up: a step that changes all the time is cheaper as it is. */
const MOST_CAPTURES = 4;

interface Fixed {
  readonly x: Tensor;
  readonly labels: Tensor;
  readonly step: CapturedStep<StepTensors>;
}

/** Runs the steps of one epoch. Owns a captured step and its input. */
export class StepRunner<Batch extends StepBatch> implements Disposable {
  /** Why steps are not captured (any more); undefined while they are. */
  refusal: string | undefined;
  readonly #device: Device;
  readonly #step: StepRunnerOptions<Batch>['step'];
  #fixed: Fixed | undefined;
  #captures = 0;

  constructor({ device, step, capture = true }: StepRunnerOptions<Batch>) {
    this.#device = device;
    this.#step = step;
    if (!capture) this.refusal = 'not wanted';
  }

  /**
   * Compiles what a step like this one runs, all at the same time; without it the first step does, one pipeline after the
   * other. No value changes.
   */
  async prepare(batch: Batch): Promise<void> {
    const device = this.#device;
    if (device.recorder.profiler || device.recorder.anomalies || device.debug) return;
    using _ = device.scope();
    const x = placed(device, batch.x);
    const labels = device.tensor(batch.labels, [batch.labels.length], { dtype: 'uint32' });
    try {
      await device.warmUp(() => this.#step(x, labels, batch));
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error; // such a step compiles as it goes
    }
  }

  /**
   * Enqueues a step; call it in a scope. The tensors it returns hold until the next call. Under a profiler, and on a
   * device made with `debug`, which want operations one by one, no step is captured.
   */
  run(batch: Batch): StepTensors {
    const { recorder, debug } = this.#device;
    if (this.refusal !== undefined || recorder.profiler || recorder.anomalies || debug) return this.#runEager(batch);
    const fixed = this.#fixed;
    if (!fixed) return this.#capture(batch);
    const fresh = typeof batch.x === 'function' ? batch.x() : batch.x;
    if (fresh.shape.join() !== fixed.x.shape.join()) return this.#runEager({ ...batch, x: asGiven(fresh) });
    if (fixed.step.stale !== undefined) {
      this.#release();
      return this.#capture({ ...batch, x: asGiven(fresh) });
    }
    fill(fixed.x, fresh);
    fixed.labels.write(batch.labels);
    try {
      return fixed.step.replay();
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#release();
      return this.#capture({ ...batch, x: asGiven(fresh) });
    }
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  #runEager(batch: Batch): StepTensors {
    const labels = this.#device.tensor(batch.labels, [batch.labels.length], { dtype: 'uint32' });
    return this.#step(placed(this.#device, batch.x), labels, batch);
  }

  #capture(batch: Batch): StepTensors {
    if (this.#captures++ === MOST_CAPTURES) {
      this.refusal = `the step changed ${MOST_CAPTURES} times`;
      return this.#runEager(batch);
    }
    const device = this.#device;
    // in the caller's scope until the step is captured, which frees them where memory ends on the way
    const x = placed(device, batch.x);
    const labels = device.tensor(batch.labels, [batch.labels.length], { dtype: 'uint32' });
    try {
      const step = device.capture(() => this.#step(x, labels, batch));
      this.#fixed = { x: device.keep(x), labels: device.keep(labels), step };
      return step.result;
    } catch (error) {
      labels.dispose();
      if (!(error instanceof CaptureError)) {
        x.dispose();
        throw error;
      }
      this.refusal = error.message;
      try {
        return this.#runEager({ ...batch, x: () => x });
      } finally {
        x.dispose(); // the graph holds what it needs
      }
    }
  }

  #release(): void {
    this.#fixed?.step.dispose();
    this.#fixed?.x.dispose();
    this.#fixed?.labels.dispose();
    this.#fixed = undefined;
  }
}

/** The values as a tensor. */
export function placed(device: Device, x: StepValues): Tensor {
  return typeof x === 'function' ? x() : device.tensor(x.values, x.shape);
}

function asGiven(fresh: Exclude<StepValues, () => Tensor> | Tensor): StepValues {
  return fresh instanceof Tensor ? () => fresh : fresh;
}

/** Both lie in the same order: they were made alike. */
function fill(target: Tensor, fresh: Exclude<StepValues, () => Tensor> | Tensor): void {
  if (!(fresh instanceof Tensor)) {
    target.write(fresh.values);
    return;
  }
  target.device.recorder.copy(
    { buffer: fresh.storage.buffer, offset: fresh.byteOffset, size: bytesOf(fresh) },
    { buffer: target.storage.buffer, offset: target.byteOffset },
  );
}
