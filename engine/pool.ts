// Buffers by size class, reused in last-in-first-out order, so that a training loop settles on a fixed set of buffers.
// One queue runs everything in order: a buffer may be handed out again while earlier work on it is still pending.
import type { MemoryRequest, OutOfMemoryError } from '../kernels/errors.ts';

export interface PoolLimits {
  /** Largest single buffer, bytes. */
  maxBufferSize: number;
  /** Free buffers kept for reuse, bytes; beyond it the longest unused are destroyed. */
  cap: number;
  /** All buffers together, in use and free, bytes. Default: no limit but the device's. */
  limit?: number;
}

export interface PoolOwner {
  /** Makes a buffer of `size` bytes, which the request was rounded up to. */
  create(size: number, request: MemoryRequest): GPUBuffer;
  /** Must submit pending work and forget bind groups that hold the buffer first. */
  destroy(buffer: GPUBuffer): void;
  /** The error for a request that cannot be met. */
  refusal(request: MemoryRequest, reason: string): OutOfMemoryError;
}

export class BufferPool {
  /** Buffers alive on the device: in use and free. */
  buffers = 0;
  /** Bytes of all buffers alive. */
  reservedBytes = 0;
  /** See `PoolLimits`; it may be changed at any time, and counts from the next buffer on. */
  limit: number;
  #freeBytes = 0;
  /** What the device had no room for once: from here on free buffers go before new ones come. */
  #ceiling = Infinity;
  readonly #free = new Map<number, GPUBuffer[]>();
  /** Buffers in use that the driver turned out not to have. */
  readonly #missing = new WeakSet<GPUBuffer>();
  readonly #owner: PoolOwner;
  readonly #maxBufferSize: number;
  readonly #cap: number;

  constructor(owner: PoolOwner, { maxBufferSize, cap, limit = Infinity }: PoolLimits) {
    this.#owner = owner;
    this.#maxBufferSize = maxBufferSize;
    this.#cap = cap;
    this.limit = limit;
  }

  /** Bytes of the buffers that wait to be used again. */
  get idleBytes(): number {
    return this.#freeBytes;
  }

  /** A buffer of at least `bytes`. Its contents are whatever the last user left. @throws OutOfMemoryError */
  acquire(request: MemoryRequest): GPUBuffer {
    const { bytes } = request;
    if (bytes > this.#maxBufferSize) {
      throw this.#owner.refusal(
        request,
        `needs one buffer of ${bytes} bytes, but this adapter's maxBufferSize is ${this.#maxBufferSize}`,
      );
    }
    const size = Math.min(sizeClass(bytes), this.#maxBufferSize);
    const reused = this.#free.get(size)?.pop();
    if (reused) {
      this.#freeBytes -= size;
      return reused;
    }
    this.#makeRoom(size, request);
    const buffer = this.#owner.create(size, request);
    this.buffers++;
    this.reservedBytes += size;
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    if (this.#missing.has(buffer)) {
      this.#destroy(buffer);
      return;
    }
    let list = this.#free.get(buffer.size);
    // deleting and setting again keeps the map in order of last use
    if (list) this.#free.delete(buffer.size);
    else list = [];
    this.#free.set(buffer.size, list);
    list.push(buffer);
    this.#freeBytes += buffer.size;
    if (this.#freeBytes > this.#cap) this.trim(this.#cap);
  }

  /** Destroys free buffers, longest unused size first, until at most `bytes` of them are left. */
  trim(bytes = 0): void {
    for (const [size, list] of this.#free) {
      while (this.#freeBytes > bytes && list.length) {
        this.#freeBytes -= size;
        this.#destroy(list.shift()!);
      }
      if (!list.length) this.#free.delete(size);
    }
  }

  /** The driver had no memory for this buffer: it is handed out no more, and all free ones are given back. */
  lacks(buffer: GPUBuffer): void {
    this.#ceiling = Math.min(this.#ceiling, this.reservedBytes - buffer.size);
    const list = this.#free.get(buffer.size) ?? [];
    const index = list.indexOf(buffer);
    if (index >= 0) {
      list.splice(index, 1);
      this.#freeBytes -= buffer.size;
      this.#destroy(buffer);
    } else this.#missing.add(buffer);
    this.trim();
  }

  #makeRoom(size: number, request: MemoryRequest): void {
    const inUse = this.reservedBytes - this.#freeBytes;
    const room = Math.min(this.limit, this.#ceiling);
    if (this.reservedBytes + size > room) this.trim(Math.max(0, room - inUse - size));
    if (this.reservedBytes + size > this.limit) {
      throw this.#owner.refusal(request, `a buffer of ${size} bytes would exceed memoryLimit, ${this.limit} bytes`);
    }
  }

  #destroy(buffer: GPUBuffer): void {
    this.#owner.destroy(buffer);
    this.buffers--;
    this.reservedBytes -= buffer.size;
  }
}

/** Powers of two in quarter steps: at most a quarter of a buffer is spare. Never below 256 bytes. */
export function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.floor(Math.log2(bytes - 1)) / 4;
  return Math.ceil(bytes / step) * step;
}
