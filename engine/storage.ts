// A buffer with a reference count: tensors, views of them and saved graph nodes may share one.
import { DisposedError, type MemoryRequest, OutOfMemoryError } from '../kernels/errors.ts';
import type { Allocation, LiveMemory } from './liveMemory.ts';

/** Where buffers come from and go to: the pool, or the plan of a step that is being captured. */
export interface BufferSource {
  acquire(request: MemoryRequest): GPUBuffer;
  release(buffer: GPUBuffer): void;
}

export class Storage {
  /** What the buffer it was made with holds. */
  readonly bytes: number;
  /** @internal */
  readonly allocation: Allocation;
  #buffer: GPUBuffer | undefined;
  readonly #source: BufferSource;
  readonly #live: LiveMemory;
  #references = 1;

  constructor(
    source: BufferSource,
    live: LiveMemory,
    request: MemoryRequest,
    owner?: { layer: object | null; errors: { now: number } },
  ) {
    this.#source = source;
    this.#live = live;
    this.#buffer = source.acquire(request);
    this.bytes = this.#buffer.size;
    const { layer = null, errors: { now: at } = { now: 0 } } = owner ?? {};
    this.allocation = { request, bytes: this.bytes, layer, at, failure: undefined };
    live.add(this.allocation);
  }

  /** @throws OutOfMemoryError where memory had ended when it was made */
  get buffer(): GPUBuffer {
    if (this.#references === 0) throw new DisposedError('the memory of this tensor was already given back');
    const { failure, request } = this.allocation;
    if (failure) {
      const { requested, live } = failure;
      throw new OutOfMemoryError(
        `${request.what}: these values were never computed, for memory had ended; make the tensor again. ${failure.message}`,
        { cause: failure, ...(requested && { requested }), ...(live && { live }) },
      );
    }
    if (!this.#buffer) throw new DisposedError('the captured step that this tensor is a result of was disposed');
    return this.#buffer;
  }

  /** Whether it was made after memory had ended, and holds nothing. */
  get isVoid(): boolean {
    return this.allocation.failure !== undefined;
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
    this.#live.remove(this.allocation);
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
