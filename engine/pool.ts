// Buffers by size class, reused in last-in-first-out order, so that a training loop settles on a fixed set of buffers.
// One queue runs everything in order: a buffer may be handed out again while earlier work on it is still pending.
import { OutOfMemoryError } from '../kernels/errors.ts';

export interface PoolLimits {
  /** Largest single buffer, bytes. */
  maxBufferSize: number;
  /** Free buffers kept for reuse, bytes; beyond it the longest unused are destroyed. */
  cap: number;
}

export class BufferPool {
  /** Buffers alive on the device: in use and free. */
  buffers = 0;
  /** Bytes of all buffers alive. */
  reservedBytes = 0;
  #freeBytes = 0;
  readonly #free = new Map<number, GPUBuffer[]>();
  readonly #create: (bytes: number) => GPUBuffer;
  readonly #beforeDestroy: (buffer: GPUBuffer) => void;
  readonly #limits: PoolLimits;

  /** `beforeDestroy` must submit pending work and forget bind groups that hold the buffer. */
  constructor(create: (bytes: number) => GPUBuffer, beforeDestroy: (buffer: GPUBuffer) => void, limits: PoolLimits) {
    this.#create = create;
    this.#beforeDestroy = beforeDestroy;
    this.#limits = limits;
  }

  /** A buffer of at least `bytes`. Its contents are whatever the last user left. @throws OutOfMemoryError */
  acquire(bytes: number, what: string): GPUBuffer {
    if (bytes > this.#limits.maxBufferSize) {
      throw new OutOfMemoryError(
        `${what}: needs one buffer of ${bytes} bytes, but this adapter's maxBufferSize is ${this.#limits.maxBufferSize}`,
      );
    }
    const size = Math.min(sizeClass(bytes), this.#limits.maxBufferSize);
    const reused = this.#free.get(size)?.pop();
    if (reused) {
      this.#freeBytes -= size;
      return reused;
    }
    const buffer = this.#create(size);
    this.buffers++;
    this.reservedBytes += size;
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    let list = this.#free.get(buffer.size);
    // deleting and setting again keeps the map in order of last use
    if (list) this.#free.delete(buffer.size);
    else list = [];
    this.#free.set(buffer.size, list);
    list.push(buffer);
    this.#freeBytes += buffer.size;
    if (this.#freeBytes > this.#limits.cap) this.trim(this.#limits.cap);
  }

  /** Destroys free buffers, longest unused size first, until at most `bytes` of them are left. */
  trim(bytes = 0): void {
    for (const [size, list] of this.#free) {
      while (this.#freeBytes > bytes && list.length) {
        const buffer = list.shift()!;
        this.#beforeDestroy(buffer);
        buffer.destroy();
        this.#freeBytes -= size;
        this.buffers--;
        this.reservedBytes -= size;
      }
      if (!list.length) this.#free.delete(size);
    }
  }
}

/** Powers of two in quarter steps: at most a quarter of a buffer is spare. Never below 256 bytes. */
export function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / 4;
  return Math.ceil(bytes / step) * step;
}
