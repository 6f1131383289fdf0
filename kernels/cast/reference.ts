// IEEE 754 binary16, to nearest, ties to even. https://pytorch.org/docs/stable/generated/torch.Tensor.to.html
import { map, type NdArray } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { CastOptions } from './cast.ts';

export const reference: Reference<CastOptions> = {
  forward: ({ x }, { dtype }) => ({ y: rounded(x, dtype) }),
  backward: (_inputs, _outputs, dy, { dtype }) => ({ x: rounded(dy, dtype) }), // dy has the dtype of y
};

function rounded(values: NdArray, dtype: CastOptions['dtype']): NdArray {
  return dtype === 'float16' ? map(values, roundToFloat16) : values;
}

/** The nearest number with 11 significant bits, whose last place is worth 2 ** -24 at least. */
export function roundToFloat16(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const rounded = toEven(value / 2 ** (exponent - 10)) * 2 ** (exponent - 10);
  return Math.abs(rounded) < 65536 ? rounded : Math.sign(value) * Infinity;
}

function toEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
