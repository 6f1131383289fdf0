// Gradients of all ranks added up, in place: each bucket is read from the optimizer's flat arena into memory that the
// transport knows, summed there, and written back to where it was. A bucket is read as soon as the backward pass has
// finished it, by a submission of its own, so that its sum travels while the GPU goes on with the earlier layers.
import type { Device } from '../../engine/device.ts';
import { gradientRuns } from '../../engine/optim/gradientRuns.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { sizeOf } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import { BUCKET_BYTES, bucketsOf } from './buckets.ts';
import type { Communicator } from './communicator.ts';

export interface GradientExchangeOptions {
  device: Device;
  /** Those that require a gradient take part. */
  parameters: readonly Tensor[];
  /** Default 4 MiB. */
  bucketBytes?: number | undefined;
}

/** What the exchanges took so far. */
export interface ExchangeTimes {
  steps: number;
  /** Of each step the bytes that were summed. */
  bytes: number;
  /** From the first bucket's arrival on the host to the last one's writing. */
  seconds: number;
  /** The part of it behind the arrival of the last bucket: behind the end of the backward pass. */
  exposedSeconds: number;
  /** Copies on the host, from what was read and to what is written. */
  copySeconds: number;
}

export class GradientExchange implements Disposable {
  readonly times: ExchangeTimes = { steps: 0, bytes: 0, seconds: 0, exposedSeconds: 0, copySeconds: 0 };
  readonly #device: Device;
  readonly #communicator: Communicator;
  readonly #buckets: readonly Bucket[];
  readonly #bucketOf: ReadonlyMap<Tensor, number>;

  constructor(communicator: Communicator, { device, parameters, bucketBytes = BUCKET_BYTES }: GradientExchangeOptions) {
    this.#device = device;
    this.#communicator = communicator;
    const learned = parameters.filter(({ requiresGrad }) => requiresGrad);
    const bytes = ({ shape }: Tensor) => sizeOf(shape) * 4;
    this.#buckets = bucketsOf(learned, bytes, bucketBytes).map((bucket) => new Bucket(device, communicator, bucket));
    this.#bucketOf = new Map(this.#buckets.flatMap((bucket, i) => bucket.parameters.map((each) => [each, i])));
  }

  /** Buckets in which gradients are exchanged. */
  get buckets(): number {
    return this.#buckets.length;
  }

  /**
   * Runs a backward pass, the only one of its step, and begins to read each bucket while it goes on. May be captured.
   * Without it, `sum` reads all behind the pass.
   */
  watch(backward: () => void): void {
    const { recorder } = this.#device;
    const missing = this.#buckets.map(({ parameters }) => parameters.length);
    recorder.onGradient = (leaf) => {
      const i = this.#bucketOf.get(leaf);
      if (i === undefined || --missing[i]! > 0) return;
      const bucket = this.#buckets[i]!;
      bucket.copy();
      recorder.submitThen(() => bucket.map());
    };
    try {
      backward();
    } finally {
      recorder.onGradient = null;
    }
  }

  /**
   * Replaces the gradients by their sums over all ranks. What was recorded before is enqueued when it returns.
   * @throws ShapeError when a parameter has no gradient: all ranks exchange the same ones
   * @throws RankError
   */
  async sum(what: string): Promise<void> {
    const late = this.#buckets.filter(({ reading }) => !reading);
    for (const bucket of late) bucket.copy();
    if (late.length > 0) this.#device.recorder.flush();
    for (const bucket of late) bucket.map();
    let [first, last] = [0, 0];
    const sums: Promise<void>[] = [];
    for (const bucket of this.#buckets) {
      this.times.copySeconds += await bucket.take(); // in this order in every rank
      last = performance.now();
      first ||= last;
      const summed = this.#communicator.sum(bucket.values, what).then(() => {
        this.times.copySeconds += bucket.write();
      });
      summed.catch(() => {}); // surfaces where all are awaited
      sums.push(summed);
    }
    await Promise.all(sums);
    const ended = performance.now();
    this.times.steps++;
    this.times.bytes += this.#buckets.reduce((total, { values }) => total + values.byteLength, 0);
    this.times.seconds += (ended - first) / 1000;
    this.times.exposedSeconds += (ended - last) / 1000;
  }

  [Symbol.dispose](): void {
    for (const bucket of this.#buckets) bucket.dispose();
  }
}

/** Some of the gradients, with memory to read them through. */
class Bucket {
  readonly parameters: readonly Tensor[];
  /** Whether they are being read. */
  reading: Promise<boolean> | undefined;
  readonly #device: Device;
  readonly #communicator: Communicator;
  #staging: GPUBuffer | undefined;
  #values: Float32Array<ArrayBuffer> | undefined;
  /** What the gradients are in memory now. */
  #runs: Tensor[] = [];

  constructor(device: Device, communicator: Communicator, parameters: readonly Tensor[]) {
    this.#device = device;
    this.#communicator = communicator;
    this.parameters = parameters;
  }

  get values(): Float32Array<ArrayBuffer> {
    return this.#values!;
  }

  /** Records the copy to where they can be read. */
  copy(): void {
    for (const { grad, shape } of this.parameters) {
      if (grad) continue;
      throw new ShapeError(
        `a parameter of shape ${show(shape)} got no gradient in this step; ranks exchange the same gradients in every step: set requiresGrad of those that do not learn to false`,
      );
    }
    const runs = this.#device.recorder.aside(() =>
      this.#device.tidy(() => gradientRuns(this.parameters).map((run) => this.#device.keep(run))),
    );
    for (const run of this.#runs) run.dispose();
    this.#runs = runs;
    const staging = this.#stagingOf(runs.reduce((sum, run) => sum + run.size * 4, 0));
    let at = 0;
    for (const { storage, byteOffset, size } of runs) {
      const source = { buffer: storage.buffer, offset: byteOffset, size: size * 4 };
      this.#device.recorder.copy(source, { buffer: staging, offset: at });
      at += size * 4;
    }
  }

  /** After the copy was submitted. */
  map(): void {
    this.reading = this.#device.waitFor(this.#staging!.mapAsync(GPUMapMode.READ)).then(
      () => true,
      () => false,
    );
  }

  /** Waits for the values. @returns seconds of copying @throws what went wrong on the GPU meanwhile */
  async take(): Promise<number> {
    const { errors } = this.#device;
    const [isMapped] = await Promise.all([this.reading!, errors.settle()]);
    this.reading = undefined;
    if (!isMapped) throw await errors.unmapped('gradients to exchange');
    const started = performance.now();
    this.values.set(new Float32Array(this.#staging!.getMappedRange()));
    this.#staging!.unmap();
    return (performance.now() - started) / 1000;
  }

  /** Puts the values where the gradients are. @returns seconds of copying */
  write(): number {
    const started = performance.now();
    let at = 0;
    for (const run of this.#runs) {
      run.write(this.values.subarray(at, at + run.size));
      at += run.size;
    }
    return (performance.now() - started) / 1000;
  }

  dispose(): void {
    for (const run of this.#runs) run.dispose();
    this.#staging?.destroy();
    if (this.#values) this.#communicator.release(this.#values);
  }

  #stagingOf(size: number): GPUBuffer {
    if (this.#staging?.size === size) return this.#staging;
    this.#staging?.destroy();
    if (this.#values) this.#communicator.release(this.#values);
    this.#values = this.#communicator.floats(size / 4);
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const { errors, gpu } = this.#device;
    this.#staging = errors.run(
      () => 'memory to exchange gradients through',
      () => gpu.createBuffer({ label: 'gradients', size, usage }),
    );
    return this.#staging;
  }
}
