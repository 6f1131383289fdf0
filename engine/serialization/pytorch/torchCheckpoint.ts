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

/** Read or unpacked in all, as a multiple of the file: many names for one storage must not become many gigabytes. */
const MAX_BYTES = { perFileByte: 4, atLeast: 2 ** 30 };

export async function torchCheckpoint(contents: TorchContents): Promise<CheckpointFile> {
  const { format, file, where, fileBytes, root, storageData } = contents;
  const fail = (message: string) => new FormatError(`${file}: ${where}: ${message}`);
  const { tensors: weights, wrapper, prefix, rest } = sortOut(root, fail);
  const limit = Math.max(MAX_BYTES.atLeast, MAX_BYTES.perFileByte * fileBytes);
  let bytes = 0;
  const stored = (name: string, tensor: TorchTensor) => {
    const data = storageData(tensor.storage);
    const view = storedView(file, name, tensor, data);
    bytes += Math.max(tensorBytes(view.dtype, view.shape), data.isPacked ? data.size : 0);
    return view;
  };
  const checkBytes = () => {
    if (bytes > limit) throw fail(`the tensors have ${bytes} bytes, the file has ${fileBytes}`);
  };
  const tensors = new Map([...weights].map(([name, tensor]): [string, StoredTensor] => [name, stored(name, tensor)]));
  checkBytes();
  const metadata = new Map<string, unknown>();
  for (const [name, value] of rest) {
    const isNumber = value instanceof TorchTensor && sizeOf(value.shape) === 1; // accuracies are often tensors
    const view = isNumber ? stored(name, value) : undefined;
    checkBytes();
    metadata.set(name, view ? (await view.read()).data[0] : value);
  }
  return { format, name: file, tensors, wrapper, prefix, metadata: plainObject(metadata, fail), close: async () => {} };
}
