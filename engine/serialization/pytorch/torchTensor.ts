// Tensors as PyTorch pickles them: a view (offset, shape, strides) of a storage that lies elsewhere in the file.
import type { Shape } from '../../../kernels/definition.ts';
import { show } from '../../../kernels/rank.ts';
import { type Buildable, type Fail, PickleGlobal, Tuple, typeName } from '../pickle/pickleValue.ts';
import type { StoredDType } from '../storedDType.ts';

/** `torch.FloatStorage` and its like; without a dtype for untyped storages, which count bytes. */
export class StorageType extends PickleGlobal {
  readonly dtype: StoredDType | undefined;

  constructor(name: string, dtype: StoredDType | undefined) {
    super(name);
    this.dtype = dtype;
  }
}

/** `torch.float32`; without a dtype for those that cannot be read. */
export class TorchDType extends PickleGlobal {
  readonly dtype: StoredDType | undefined;

  constructor(name: string, dtype: StoredDType | undefined) {
    super(name);
    this.dtype = dtype;
  }
}

/** What a persistent id stands for. The device it was on means nothing here. */
export interface TorchStorage {
  readonly kind: 'storage';
  /** Names its bytes in the file. */
  readonly key: string;
  /** Undefined: untyped, counted in bytes. */
  readonly dtype: StoredDType | undefined;
  readonly elements: number;
  /** Old streams: a piece of the storage that is a storage itself, in elements. */
  readonly view: { readonly offset: number; readonly elements: number } | undefined;
}

export class TorchTensor implements Buildable {
  readonly storage: TorchStorage;
  readonly dtype: StoredDType;
  /** First element, counted in the storage (or its view). */
  readonly offset: number;
  readonly shape: Shape;
  /** In elements. */
  readonly strides: readonly number[];

  constructor(storage: TorchStorage, dtype: StoredDType, place: Pick<TorchTensor, 'offset' | 'shape' | 'strides'>) {
    this.storage = storage;
    this.dtype = dtype;
    this.offset = place.offset;
    this.shape = place.shape;
    this.strides = place.strides;
  }

  /** PyTorch before 0.4 set requires_grad and hooks this way. */
  build(): void {}
}

/** The storage of a persistent id: ('storage', type, key, device, elements[, view]). */
export function storageOf(id: unknown, fail: Fail): TorchStorage {
  if (!(id instanceof Tuple)) throw fail(`a persistent id is ${typeName(id)}, expected a tuple`);
  const [kind, type, key, , elements, view = null] = id.items;
  if (kind !== 'storage') {
    const given = typeof kind === 'string' ? `'${kind.slice(0, 50)}'` : typeName(kind);
    throw fail(`a persistent id of kind ${given}, expected 'storage'`);
  }
  if (!(type instanceof StorageType)) throw fail(`a storage of type ${typeName(type)}`);
  if (typeof key !== 'string') throw fail(`a storage has ${typeName(key)} as its key, expected a str`);
  return {
    kind,
    key,
    dtype: type.dtype,
    elements: count(elements, 'the number of elements of a storage', fail),
    view: view === null ? undefined : viewOf(view, fail),
  };
}

/** Advice for files that hold a model instead of its weights. */
export const SAVE_STATE_DICT =
  'in Python, load it where its code is and save model.state_dict() instead of the model: torch.save(model.state_dict(), …)';

/** torch._utils._rebuild_tensor(storage, offset, shape, strides) and those that followed it. */
export function rebuildTensor(args: readonly unknown[], fail: Fail, dtype?: TorchDType): TorchTensor {
  const [storage, offset, shape, strides] = args;
  if (!isStorage(storage)) throw fail(`is given ${typeName(storage)}, expected a storage`);
  const type = dtype ? dtype.dtype : storage.dtype;
  if (!type)
    throw fail(dtype ? `${dtype.name} tensors cannot be read` : 'a tensor of an untyped storage needs a dtype');
  const place = {
    offset: count(offset, 'the offset', fail),
    shape: counts(shape, 'the shape', fail),
    strides: counts(strides, 'the strides', fail),
  };
  if (place.shape.length !== place.strides.length || place.shape.length > MAX_RANK) {
    throw fail(`${place.shape.length} extents and ${place.strides.length} strides`);
  }
  const elements = place.shape.reduce((product, extent) => product * Math.max(extent, 1), 1);
  if (elements > Number.MAX_SAFE_INTEGER) throw fail(`the shape ${show(place.shape)}`);
  return new TorchTensor(storage, type, place);
}

/** As PyTorch. */
const MAX_RANK = 64;

/** (view key, offset, elements) */
function viewOf(view: unknown, fail: Fail): { offset: number; elements: number } {
  if (!(view instanceof Tuple)) throw fail(`a storage's view is ${typeName(view)}, expected a tuple`);
  const [, offset, elements] = view.items;
  return {
    offset: count(offset, "the offset of a storage's view", fail),
    elements: count(elements, "the elements of a storage's view", fail),
  };
}

function isStorage(value: unknown): value is TorchStorage {
  return typeof value === 'object' && value !== null && (value as TorchStorage).kind === 'storage';
}

function counts(value: unknown, what: string, fail: Fail): number[] {
  const items = value instanceof Tuple ? value.items : value;
  if (!Array.isArray(items)) throw fail(`${what} is ${typeName(value)}, expected a tuple`);
  return items.map((item) => count(item, what, fail));
}

function count(value: unknown, what: string, fail: Fail): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    const given = typeof value === 'number' || typeof value === 'bigint' ? value : typeName(value);
    throw fail(`${what}: given ${given}, expected a whole number from 0`);
  }
  return value as number;
}
