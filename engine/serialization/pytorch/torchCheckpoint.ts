// From the values of a PyTorch pickle to a checkpoint; both of PyTorch's formats end here.
import { sizeOf } from '../../../kernels/definition.ts';
import { FormatError } from '../../../kernels/errors.ts';
import type { CheckpointFile, StoredTensor } from '../checkpointFile.ts';
import { tensorBytes } from '../storedDType.ts';
import { plainObject } from './plainValue.ts';
import { sortOut } from './sortOut.ts';
import { type StorageData, storedView } from './storedView.ts';
import { type TorchStorage, TorchTensor } from './torchTensor.ts';

export interface TorchContents {
  readonly format: 'pytorch-zip' | 'pytorch-legacy';
  readonly file: string;
  readonly fileBytes: number;
  /** The part of the file that was the pickle, and its first byte, for errors. */
  readonly where: string;
  /** The pickle's value. */
  readonly root: unknown;
  /** Finds a storage's bytes. @throws FormatError */
  storageData(storage: TorchStorage): StorageData;
}

/** All tensors together, as a multiple of the file: many names for one storage must not become many gigabytes. */
const MAX_TENSOR_BYTES = { perFileByte: 4, atLeast: 2 ** 30 };

export async function torchCheckpoint(contents: TorchContents): Promise<CheckpointFile> {
  const { format, file, where, fileBytes, root, storageData } = contents;
  const fail = (message: string) => new FormatError(`${file}: ${where}: ${message}`);
  const { tensors: weights, wrapper, prefix, rest } = sortOut(root, fail);
  const stored = (name: string, tensor: TorchTensor) => storedView(file, name, tensor, storageData(tensor.storage));
  const tensors = new Map([...weights].map(([name, tensor]): [string, StoredTensor] => [name, stored(name, tensor)]));
  const bytes = [...tensors.values()].reduce((sum, { dtype, shape }) => sum + tensorBytes(dtype, shape), 0);
  if (bytes > Math.max(MAX_TENSOR_BYTES.atLeast, MAX_TENSOR_BYTES.perFileByte * fileBytes)) {
    throw fail(`the tensors have ${bytes} bytes, the file has ${fileBytes}`);
  }
  const metadata = new Map<string, unknown>();
  for (const [name, value] of rest) {
    const isNumber = value instanceof TorchTensor && sizeOf(value.shape) === 1; // accuracies are often tensors
    metadata.set(name, isNumber ? await number(stored(name, value)) : value);
  }
  return { format, name: file, tensors, wrapper, prefix, metadata: plainObject(metadata, fail), close: async () => {} };
}

async function number(tensor: StoredTensor): Promise<unknown> {
  return (await tensor.read()).data[0];
}
