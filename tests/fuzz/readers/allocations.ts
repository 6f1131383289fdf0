// How much a call allocates: what it asks arrays and buffers for, and how the heap and the memory outside of it grew,
// whichever is more. Neither sees all: platform code makes arrays of its own, and the collector may run in between.
import { getHeapStatistics } from 'node:v8';

const ARRAYS = [
  'ArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

export interface AllocationMeter {
  /** Starts counting at zero. */
  begin(): void;
  /** Bytes since `begin`. */
  bytes(): number;
}

/** Puts counting constructors into the place of the global ones, for as long as this thread lives. */
export function meterAllocations(): AllocationMeter {
  let asked = 0;
  let before = 0;
  for (const name of ARRAYS) {
    const original = globalThis[name] as unknown as { new (...values: unknown[]): { byteLength: number } };
    const counting = new Proxy(original, {
      construct(target, values, newTarget) {
        // before it is made: what is too much fails, and counts all the same
        if (typeof values[0] === 'number')
          asked += values[0] * ((target as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1);
        const made = Reflect.construct(target, values, newTarget) as { byteLength: number; buffer?: unknown };
        if (typeof values[0] !== 'number' && made.buffer !== values[0]) asked += made.byteLength;
        return made;
      },
    });
    (globalThis as unknown as Record<string, unknown>)[name] = counting;
  }
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
    const original = Buffer[name];
    Buffer[name] = ((size: number, ...rest: []) => {
      asked += size;
      return original(size, ...rest);
    }) as typeof original;
  }
  return {
    begin() {
      asked = 0;
      before = held();
    },
    bytes: () => Math.max(asked, held() - before),
  };
}

function held(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
