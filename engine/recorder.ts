// Operations are recorded, not submitted: one encoder, one compute pass and one submit per flush. Every dispatch's
// Params go into one ring of 256-byte slots, written once per flush and bound with dynamic offsets.
import type { ErrorWatch } from './errorWatch.ts';
import { type BufferRange, PARAMS_BYTES, type Pipeline, type Pipelines } from './pipelines.ts';

const SLOTS = 1024;

export class Recorder {
  /** Dispatches recorded since the device was made: what tests of frozen branches and of fusion count. */
  dispatches = 0;
  readonly #device: GPUDevice;
  readonly #pipelines: Pipelines;
  readonly #watch: ErrorWatch;
  readonly #ring: GPUBuffer;
  readonly #slots = new DataView(new ArrayBuffer(SLOTS * PARAMS_BYTES));
  #used = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
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
  }

  dispatch(
    pipeline: Pipeline,
    ranges: Readonly<Record<string, BufferRange>>,
    params: Readonly<Record<string, number>>,
    [x, y = 1, z = 1]: readonly [number, number?, number?],
    what: () => string,
  ): void {
    if (this.#used === SLOTS) this.flush();
    const { shader } = pipeline;
    const bound = Object.entries(shader.bindings).map(([name, { access }]) =>
      access === 'uniform' ? { buffer: this.#ring, offset: 0, size: PARAMS_BYTES } : ranges[name],
    );
    const slot = this.#used++ * PARAMS_BYTES;
    let at = slot;
    for (const [name, type] of Object.entries(shader.params)) {
      if (type === 'f32') this.#slots.setFloat32(at, params[name], true);
      else if (type === 'i32') this.#slots.setInt32(at, params[name], true);
      else this.#slots.setUint32(at, params[name], true);
      at += 4;
    }
    const group = this.#pipelines.bindGroup(pipeline, bound, what);
    const pass = this.#open();
    pass.setPipeline(pipeline.gpu);
    pass.setBindGroup(0, group, at > slot ? [slot] : []);
    pass.dispatchWorkgroups(x, y, z);
    this.#recorded.set(shader.label, what);
    this.dispatches++;
  }

  copy(source: BufferRange, target: Pick<BufferRange, 'buffer' | 'offset'>): void {
    this.#closePass();
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#encoder.copyBufferToBuffer(source.buffer, source.offset, target.buffer, target.offset, source.size);
  }

  /** Submits what was recorded. */
  flush(): void {
    if (!this.#encoder) return;
    const encoder = this.#encoder;
    this.#closePass();
    this.#encoder = undefined;
    const recorded = this.#recorded;
    this.#watch.run(
      () => [...recorded.values()].map((what) => what()).join(', ') || 'copy',
      () => {
        if (this.#used) this.#device.queue.writeBuffer(this.#ring, 0, this.#slots.buffer, 0, this.#used * PARAMS_BYTES);
        this.#device.queue.submit([encoder.finish()]);
      },
    );
    this.#used = 0;
    this.#recorded = new Map();
  }

  #open(): GPUComputePassEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    return this.#pass;
  }

  #closePass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
