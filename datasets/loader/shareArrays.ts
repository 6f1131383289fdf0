// Data in memory that several threads read: copied once into memory that all of them see.

/**
 * A copy of plain objects and arrays in which every Uint8Array and Uint32Array of at least 4 KiB lies in shared memory,
 * so that sending it to a worker copies nothing more. Where the platform has none (a page that is not cross-origin
 * isolated) they stay as they are, and each worker is sent a copy.
 */
export function shareArrays<T>(value: T): T {
  return shared(value, new Map()) as T;
}

function shared(value: unknown, done: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (done.has(value)) return done.get(value);
  if (ArrayBuffer.isView(value)) {
    const moved = value instanceof Uint8Array || value instanceof Uint32Array ? sharedArray(value) : value;
    done.set(value, moved);
    return moved;
  }
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!Array.isArray(value) && !isPlain) return value;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  done.set(value, copy);
  for (const [key, each] of Object.entries(value)) (copy as Record<string, unknown>)[key] = shared(each, done);
  return copy;
}

function sharedArray(array: Uint8Array | Uint32Array): Uint8Array | Uint32Array {
  const isSmall = array.byteLength < 4096;
  if (isSmall || typeof SharedArrayBuffer === 'undefined' || array.buffer instanceof SharedArrayBuffer) return array;
  const buffer = new SharedArrayBuffer(array.byteLength);
  const copy = array instanceof Uint8Array ? new Uint8Array(buffer) : new Uint32Array(buffer);
  copy.set(array);
  return copy;
}
