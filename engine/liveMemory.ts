// What is in use on a device, allocation by allocation: for the count, and for telling who holds it when memory ends.
import type { MemoryRequest, OutOfMemoryError } from '../kernels/errors.ts';

/** A buffer in use. It does not hold the buffer itself: what nobody refers to any more may be collected. */
export interface Allocation {
  readonly request: MemoryRequest;
  /** Of the buffer. */
  readonly bytes: number;
  /** The module that ran, if one did. */
  readonly layer: object | null;
  /** The watch's time when it was made; see ErrorWatch. */
  readonly at: number;
  /** Why its contents are none: it was made after memory had ended, before anybody could know. */
  failure: OutOfMemoryError | undefined;
}

export class LiveMemory {
  bytes = 0;
  peakBytes = 0;
  readonly #allocations = new Set<Allocation>();

  add(allocation: Allocation): void {
    this.#allocations.add(allocation);
    this.bytes += allocation.bytes;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
  }

  remove(allocation: Allocation): void {
    if (this.#allocations.delete(allocation)) this.bytes -= allocation.bytes;
  }

  /** Nothing that was made from that time on has contents. */
  voidFrom(at: number, failure: OutOfMemoryError): void {
    for (const allocation of this.#allocations) if (allocation.at >= at) allocation.failure ??= failure;
  }

  [Symbol.iterator](): Iterator<Allocation> {
    return this.#allocations.values();
  }
}
