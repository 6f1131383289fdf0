// Operations are recorded, not submitted: one encoder, one compute pass and one submit per flush. Every dispatch's
// Params go into one ring of 256-byte slots, written once per flush and bound with dynamic offsets.
import type { AnomalyWatch } from './anomaly/anomalyWatch.ts';
import type { Tape } from './capture/tape.ts';
import type { ErrorWatch } from './errorWatch.ts';
import { type BufferRange, PARAMS_BYTES, type Pipeline, type Pipelines, writeParams } from './pipelines.ts';
import type { Profiler } from './profile/profiler.ts';
import type { Tensor } from './tensor.ts';

const SLOTS = 1024;

export class Recorder {
  /** Dispatches recorded since the device was made: what tests of frozen branches and of fusion count. */
  dispatches = 0;
  /** @internal Who watches; see engine/profile. */
  profiler: Profiler | null = null;
  /** @internal Who looks for NaN and infinities; see engine/anomaly. */
  anomalies: AnomalyWatch | null = null;
  /** @internal Told during a backward pass of each leaf whose gradient is whole; see training/distributed. */
  onGradient: ((leaf: Tensor) => void) | null = null;
  /** @internal Takes everything down in place of the GPU while a step is captured; see engine/capture. */
  tape: Tape | null = null;
  /** @internal The watch's time of the last submission; what is recorded came after it. */
  submittedAt = 0;
  readonly #device: GPUDevice;
  readonly #pipelines: Pipelines;
  readonly #watch: ErrorWatch;
  readonly #ring: GPUBuffer;
  readonly #ringRange: BufferRange;
  readonly #slots = new DataView(new ArrayBuffer(SLOTS * PARAMS_BYTES));
  #used = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** What the pass has set. */
  #current: Pipeline | undefined;
  /** What ran since the last flush, by label, with its last shapes: to tell what a late error belongs to. */
  #recorded = new Map<string, () => string>();

  constructor(device: GPUDevice, pipelines: Pipelines, watch: ErrorWatch) {
    this.#device = device;
    this.#pipelines = pipelines;
    this.#watch = watch;
    this.#ring = device.createBuffer({
      label: 'params',
      size: SLOTS * PARAMS_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#ringRange = { buffer: this.#ring, offset: 0, size: PARAMS_BYTES };
  }

  dispatch(
    pipeline: Pipeline,
    ranges: Readonly<Record<string, BufferRange>>,
    params: Readonly<Record<string, number>>,
    [x, y = 1, z = 1]: readonly [number, number?, number?],
    what: () => string,
  ): void {
    if (this.tape) {
      this.tape.dispatch(pipeline, ranges, { params, workgroups: [x, y, z], what });
      return;
    }
    if (this.#used === SLOTS) this.flush();
    const { shader } = pipeline;
    const bound = pipeline.bindings.map(({ name, isUniform }) => (isUniform ? this.#ringRange : ranges[name]));
    const slot = this.#used++ * PARAMS_BYTES;
    const end = writeParams(this.#slots, slot, pipeline, params);
    const group = this.#pipelines.bindGroup(pipeline, bound, what);
    if (this.profiler) this.#closePass(); // each dispatch gets a pass of its own, timed at both ends
    const pass = this.#open(this.profiler?.dispatches([pipeline, ranges, params, [x, y, z], what]));
    if (pipeline !== this.#current) pass.setPipeline(pipeline.gpu);
    this.#current = pipeline;
    pass.setBindGroup(0, group, end > slot ? [slot] : []);
    pass.dispatchWorkgroups(x, y, z);
    this.#recorded.set(shader.label, what);
    this.dispatches++;
  }

  copy(source: BufferRange, target: Pick<BufferRange, 'buffer' | 'offset'>): void {
    if (this.tape) {
      this.tape.copy(source, target);
      return;
    }
    this.#closePass();
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#encoder.copyBufferToBuffer(source.buffer, source.offset, target.buffer, target.offset, source.size);
  }

  /** @internal Submits what was recorded so far, then calls `after`; a captured step does both at every replay. */
  submitThen(after: () => void): void {
    if (this.tape) {
      this.tape.submitThen(after);
      return;
    }
    this.flush();
    after();
  }

  /** @internal Runs `fn` as if no step was captured: what it makes is made once and stays, as an optimizer's states. */
  aside<T>(fn: () => T): T {
    const { tape } = this;
    this.tape = null;
    try {
      return fn();
    } finally {
      this.tape = tape;
    }
  }

  /** @internal Whether there is nothing to submit. */
  get isEmpty(): boolean {
    return !this.#encoder;
  }

  /** Submits what was recorded. */
  flush(): void {
    if (!this.#encoder) {
      this.submittedAt = ++this.#watch.now;
      return;
    }
    const encoder = this.#encoder;
    this.#closePass();
    this.profiler?.submits(encoder);
    this.#watch.guard(encoder);
    this.#encoder = undefined;
    const recorded = this.#recorded;
    this.#watch.run(
      () => [...recorded.values()].map((what) => what()).join(', ') || 'copy',
      () => {
        if (this.#used) this.#device.queue.writeBuffer(this.#ring, 0, this.#slots.buffer, 0, this.#used * PARAMS_BYTES);
        this.#device.queue.submit([encoder.finish()]);
      },
    );
    this.submittedAt = this.#watch.now;
    this.#used = 0;
    this.#recorded = new Map();
  }

  #open(timed?: GPUComputePassDescriptor): GPUComputePassEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass(timed);
    return this.#pass;
  }

  #closePass(): void {
    this.#pass?.end();
    this.#pass = undefined;
    this.#current = undefined;
  }
}
