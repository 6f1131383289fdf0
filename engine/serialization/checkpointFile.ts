// What every checkpoint format looks like once opened: names, types and shapes; values are read one tensor at a time.
import type { Shape } from '../../kernels/definition.ts';
import type { HostTensor } from '../hostTensor.ts';
import type { StoredDType } from './storedDType.ts';

export type { StoredDType };

/** A tensor in a file. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
  /** Byte of the file where the data of its storage begins; several tensors may share one. */
  readonly offset: number;
  /** Its values row-major, contiguous, little-endian, in its own dtype; memory that is the caller's. */
  readBytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Its values as the engine has them: halves and float64 as float32, small integers and booleans as int32. */
  read(): Promise<HostTensor>;
}

/** An opened checkpoint. Close it when done; its tensors cannot be read afterwards. */
export interface CheckpointFile {
  readonly format: 'safetensors' | 'pytorch-zip' | 'pytorch-legacy';
  /** Of the source: its path. */
  readonly name: string;
  /** In the file's order. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The key of the file's dict that held the tensors, such as `state_dict`; '' when they lay at the top. */
  readonly wrapper: string;
  /** `module.` (of DataParallel) when all names had it and it was removed, else ''. */
  readonly prefix: string;
  /** Everything else in the file as plain data fit for JSON: `epoch`, `best_prec1`, safetensors' `__metadata__`. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Closes the file, where there is one. */
  close(): Promise<void>;
}
