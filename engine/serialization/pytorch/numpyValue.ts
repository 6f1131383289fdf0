// NumPy's scalars and arrays as they appear beside weights: `best_acc` is often a numpy.float64.
import { type Buildable, type Fail, Tuple, typeName } from '../pickle/pickleValue.ts';

/** numpy.dtype('f8', …); its byte order comes as state. */
export class NumpyDType implements Buildable {
  readonly code: string;
  isBigEndian = false;

  constructor(code: string) {
    this.code = code;
  }

  /** (version, byte order, …) */
  build(state: unknown, fail: Fail): void {
    if (!(state instanceof Tuple)) throw fail(`the state of a numpy.dtype is ${typeName(state)}, expected a tuple`);
    this.isBigEndian = state.items[1] === '>';
  }
}

/** A numpy.ndarray; its values are left out, they are no weights. */
export class NumpyArray implements Buildable {
  description = 'numpy array';

  /** (version, shape, dtype, is in Fortran's order, bytes) */
  build(state: unknown, fail: Fail): void {
    const [, shape, dtype] = state instanceof Tuple ? state.items : [];
    if (!(shape instanceof Tuple) || !(dtype instanceof NumpyDType)) throw fail('the state of a numpy.ndarray');
    if (!shape.items.every(Number.isSafeInteger)) throw fail('the shape of a numpy.ndarray');
    this.description = `numpy array ${dtype.code} [${shape.items.join(', ')}]`;
  }
}

export function numpyDType([code]: readonly unknown[], fail: Fail): NumpyDType {
  if (typeof code !== 'string') throw fail(`is given ${typeName(code)}, expected a str`);
  return new NumpyDType(code);
}

/** numpy.core.multiarray.scalar(dtype, bytes) */
export function numpyScalar([dtype, given]: readonly unknown[], fail: Fail): number | bigint | boolean {
  if (!(dtype instanceof NumpyDType)) throw fail(`is given ${typeName(dtype)}, expected a numpy.dtype`);
  const bytes = typeof given === 'string' ? Uint8Array.from(given, (character) => character.charCodeAt(0)) : given;
  if (!(bytes instanceof Uint8Array)) throw fail(`is given ${typeName(given)}, expected bytes`);
  if (!Object.hasOwn(READERS, dtype.code)) throw fail(`the dtype ${JSON.stringify(dtype.code.slice(0, 50))}`);
  const size = Number(dtype.code.slice(1));
  if (bytes.length !== size) throw fail(`${dtype.code} has ${size} bytes, given ${bytes.length}`);
  return READERS[dtype.code](new DataView(bytes.buffer, bytes.byteOffset, size), !dtype.isBigEndian);
}

const READERS: Readonly<Record<string, (view: DataView, isLittle: boolean) => number | bigint | boolean>> = {
  f4: (view, isLittle) => view.getFloat32(0, isLittle),
  f8: (view, isLittle) => view.getFloat64(0, isLittle),
  i1: (view) => view.getInt8(0),
  i2: (view, isLittle) => view.getInt16(0, isLittle),
  i4: (view, isLittle) => view.getInt32(0, isLittle),
  i8: (view, isLittle) => safe(view.getBigInt64(0, isLittle)),
  u1: (view) => view.getUint8(0),
  u2: (view, isLittle) => view.getUint16(0, isLittle),
  u4: (view, isLittle) => view.getUint32(0, isLittle),
  u8: (view, isLittle) => safe(view.getBigUint64(0, isLittle)),
  b1: (view) => view.getUint8(0) !== 0,
};

function safe(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
