// A buffer with a reference count: tensors, views of them and saved graph nodes may share one.
import { DisposedError } from '../kernels/errors.ts';

export interface LiveBytes {
  bytes: number;
  peakBytes: number;
}

/** Where buffers come from and go to: the pool, or the plan of a step that is being captured. */
export interface BufferSource {
  acquire(bytes: number, what: string): GPUBuffer;
  release(buffer: GPUBuffer): void;
}

export class Storage {
  /** What the buffer it was made with holds. */
  readonly bytes: number;
  #buffer: GPUBuffer | undefined;
  readonly #source: BufferSource;
  readonly #live: LiveBytes;
  #references = 1;

  constructor(source: BufferSource, live: LiveBytes, bytes: number, what: string) {
    this.#source = source;
    this.#live = live;
    this.#buffer = source.acquire(bytes, what);
    this.bytes = this.#buffer.size;
    live.bytes += this.bytes;
    live.peakBytes = Math.max(live.peakBytes, live.bytes);
  }

  get buffer(): GPUBuffer {
    if (this.#references === 0) throw new DisposedError('the memory of this tensor was already given back');
    if (!this.#buffer) throw new DisposedError('the captured step that this tensor is a result of was disposed');
    return this.#buffer;
  }

  /** Whether more than one tensor, view or graph node holds it. */
  get isShared(): boolean {
    return this.#references > 1;
  }

  /** Whether nobody holds it. */
  get isReleased(): boolean {
    return this.#references === 0;
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references > 0) return;
    this.#live.bytes -= this.bytes;
    if (this.#buffer) this.#source.release(this.#buffer);
  }

  /** @internal The buffer of a captured step that it shares, in the place of the stand-in it was recorded with. */
  place(buffer: GPUBuffer): void {
    this.#buffer = buffer;
  }

  /** @internal Takes the buffer away from all who hold it. */
  revoke(): void {
    this.#buffer = undefined;
  }
}
