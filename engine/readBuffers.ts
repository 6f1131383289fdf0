// Buffers that values are read through. The smallest reads, losses and predictions, come once a step: their buffers are
// mapped again and again, one for each read under way, in place of being made anew.
import type { OutOfMemoryError } from '../kernels/errors.ts';
import type { ErrorWatch } from './errorWatch.ts';

/** Larger ones are destroyed after use. */
const MOST_BYTES = 65536;
/** Free buffers kept of one size; more reads than that are seldom under way. */
const MOST_FREE = 4;
/** Sizes kept; a training loop has two. */
const MOST_SIZES = 16;

interface NewReadBuffer {
  /** Called before one is made. */
  before: () => void;
  /** What is read, for errors. */
  what: () => string;
  /** The error where there is no memory for one. */
  outOfMemory: (reason: string) => OutOfMemoryError;
}

export class ReadBuffers {
  readonly #device: GPUDevice;
  readonly #watch: ErrorWatch;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice, watch: ErrorWatch) {
    this.#device = device;
    this.#watch = watch;
  }

  acquire(size: number, { before, what, outOfMemory }: NewReadBuffer): GPUBuffer {
    const reused = this.#free.get(size)?.pop();
    if (reused) return reused;
    before();
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    return this.#watch.run(what, () => this.#device.createBuffer({ label: 'read', size, usage }), outOfMemory);
  }

  /** Takes back a buffer that was mapped; one whose mapping failed must be destroyed instead. */
  release(buffer: GPUBuffer): void {
    const { size } = buffer;
    const list = this.#free.get(size) ?? [];
    if (size > MOST_BYTES || list.length === MOST_FREE || (!list.length && this.#free.size >= MOST_SIZES)) {
      buffer.destroy();
      return;
    }
    buffer.unmap();
    list.push(buffer);
    this.#free.set(size, list);
  }
}
