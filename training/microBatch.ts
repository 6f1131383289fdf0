// Part of a batch: the gradients of all parts add up to those of the whole, in less memory.
import type { Tensor } from '../engine/tensor.ts';
import { sizeOf } from '../kernels/definition.ts';

export interface MicroBatch {
  /** [n, …], a copy. */
  readonly x: Tensor;
  /** [n], a copy. */
  readonly labels: Tensor;
  /** Its part of the images. */
  readonly share: number;
}

/**
 * The images from `start`, at most `size`.
 * @param x lies image by image in memory
 */
export function microBatchOf(x: Tensor, labels: Tensor, { start, size }: { start: number; size: number }): MicroBatch {
  const images = labels.size;
  const count = Math.min(size, images - start);
  return { x: rows(x, start, count), labels: rows(labels, start, count), share: count / images };
}

/** A copy, for bindings may not begin anywhere. */
function rows(source: Tensor, start: number, count: number): Tensor {
  const { device, dtype, shape } = source;
  const target = device.empty([count, ...shape.slice(1)], { dtype });
  const rowBytes = sizeOf(shape.slice(1)) * 4;
  device.recorder.copy(
    { buffer: source.storage.buffer, offset: source.byteOffset + start * rowBytes, size: count * rowBytes },
    { buffer: target.storage.buffer, offset: target.byteOffset },
  );
  return target;
}
