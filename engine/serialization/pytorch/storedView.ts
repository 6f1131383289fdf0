// A tensor of a PyTorch file: reads its part of a storage, and gathers it where it is strided.
import type { Shape } from '../../../kernels/definition.ts';
import { sizeOf } from '../../../kernels/definition.ts';
import { FormatError } from '../../../kernels/errors.ts';
import { show } from '../../../kernels/rank.ts';
import type { StoredTensor } from '../checkpointFile.ts';
import { elementBytes, toHost } from '../storedDType.ts';
import type { TorchTensor } from './torchTensor.ts';

/** The bytes of one storage. */
export interface StorageData {
  /** Where it lies, for errors: `archive/data/0`. */
  readonly entry: string;
  /** Byte of the file where it begins. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Reading any part of it unpacks the whole. */
  readonly isPacked: boolean;
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Elements that a tensor may have beyond its storage's (`expand` repeats them by strides of 0). */
const MAX_EXPANDED = 2 ** 20;

/** @throws FormatError when the storage is shorter than its tensor */
export function storedView(file: string, name: string, tensor: TorchTensor, data: StorageData): StoredTensor {
  const { dtype, shape } = tensor;
  const fail = (message: string) =>
    new FormatError(`${file}: ${data.entry}: at byte ${data.offset}: '${name}' ${show(shape)} ${message}`);
  const unit = elementBytes(dtype);
  const { first, length, room } = placed(tensor, data, fail);
  const readBytes = async () => {
    const bytes = await data.read(first * unit, length * unit);
    return isDense(tensor) ? bytes : gathered(bytes, tensor);
  };
  if (sizeOf(shape) > Math.max(room, MAX_EXPANDED)) {
    throw fail(`repeats a storage of ${room} elements; at most ${MAX_EXPANDED} are made of a smaller storage`);
  }
  const read = async () => toHost(dtype, shape, await readBytes(), `${file}: ${data.entry}: at byte ${data.offset}`);
  return { name, dtype, shape, offset: data.offset, readBytes, read };
}

/** The elements of the file's storage that the tensor lies in, checked; `room` is how many the storage has. */
function placed(
  { storage, dtype, offset, shape, strides }: TorchTensor,
  data: StorageData,
  fail: (message: string) => FormatError,
): { first: number; length: number; room: number } {
  const unit = elementBytes(dtype);
  const storageBytes = storage.elements * (storage.dtype ? elementBytes(storage.dtype) : 1);
  if (data.size < storageBytes) {
    throw fail(`needs a storage of ${storageBytes} bytes, this one has ${data.size}`);
  }
  const { offset: start, elements } = storage.view ?? { offset: 0, elements: Math.floor(storageBytes / unit) };
  if ((start + elements) * unit > storageBytes) {
    throw fail(`lies in elements ${start} to ${start + elements} of a storage of ${storageBytes} bytes`);
  }
  if (sizeOf(shape) === 0) return { first: 0, length: 0, room: elements };
  const last = shape.reduce((sum, extent, dimension) => sum + (extent - 1) * strides[dimension], offset);
  if (last >= elements) throw fail(`reaches element ${last} of a storage of ${elements}`);
  return { first: start + offset, length: last - offset + 1, room: elements };
}

/** Row-major without gaps. */
function isDense({ shape, strides }: TorchTensor): boolean {
  if (sizeOf(shape) <= 1) return true;
  let stride = 1;
  for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
    if (shape[dimension] !== 1 && strides[dimension] !== stride) return false;
    stride *= shape[dimension];
  }
  return true;
}

/** Strided elements in row-major order. */
function gathered(bytes: Uint8Array<ArrayBuffer>, { dtype, shape, strides }: TorchTensor): Uint8Array<ArrayBuffer> {
  const unit = elementBytes(dtype);
  const elements = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array }[unit as 1 | 2 | 4 | 8];
  const source = new elements(bytes.buffer);
  const target = new elements(sizeOf(shape));
  let at = 0;
  eachRow(shape, strides, (start, extent, stride) => {
    for (let i = 0; i < extent; i++) target[at++] = source[start + i * stride];
  });
  return new Uint8Array(target.buffer);
}

/** Calls `row` for each row of the innermost dimension, with the element it starts at. */
function eachRow(
  shape: Shape,
  strides: readonly number[],
  row: (start: number, extent: number, stride: number) => void,
): void {
  const inner = shape.length - 1;
  const visit = (dimension: number, start: number): void => {
    if (dimension === inner) row(start, shape[inner], strides[inner]);
    else for (let i = 0; i < shape[dimension]; i++) visit(dimension + 1, start + i * strides[dimension]);
  };
  visit(0, 0);
}
