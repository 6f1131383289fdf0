// Values as Python prints them, for PyTorch's format of modules.

/** `1.0`, `0.1`, `1e-05`: Python's repr of a float. */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const [mantissa, exponentText] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `True` or `False`. */
export function pythonBool(value: boolean): string {
  return value ? 'True' : 'False';
}

/** A pair as it was given: `2`, `(3, 2)` or `(None, 7)`. */
export function pythonPair(value: number | null | readonly (number | null)[]): string {
  const text = (item: number | null) => String(item ?? 'None');
  return typeof value === 'object' && value ? `(${value.map(text).join(', ')})` : text(value);
}
