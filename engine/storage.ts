// A pooled buffer with a reference count: tensors, views of them and saved graph nodes may share one.
import { DisposedError } from '../kernels/errors.ts';
import type { BufferPool } from './pool.ts';

export interface LiveBytes {
  bytes: number;
  peakBytes: number;
}

export class Storage {
  readonly #buffer: GPUBuffer;
  readonly #pool: BufferPool;
  readonly #live: LiveBytes;
  #references = 1;

  constructor(pool: BufferPool, live: LiveBytes, bytes: number, what: string) {
    this.#pool = pool;
    this.#live = live;
    this.#buffer = pool.acquire(bytes, what);
    live.bytes += this.#buffer.size;
    live.peakBytes = Math.max(live.peakBytes, live.bytes);
  }

  get buffer(): GPUBuffer {
    if (this.#references === 0) throw new DisposedError('the memory of this tensor was already given back');
    return this.#buffer;
  }

  /** Whether more than one tensor, view or graph node holds it. */
  get isShared(): boolean {
    return this.#references > 1;
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references > 0) return;
    this.#live.bytes -= this.#buffer.size;
    this.#pool.release(this.#buffer);
  }
}
