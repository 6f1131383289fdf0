// Arguments as Python prints them, so that a transform reads as torchvision's.

/** 0.5 and 1.0; at most four decimals, without zeros at the end. */
export function float(value: number): string {
  const rounded = Number(value.toFixed(4));
  return Number.isInteger(rounded) ? `${rounded}.0` : `${rounded}`;
}

/** `(224, 224)`; values are printed by `each`. */
export function tuple(values: readonly number[], each: (value: number) => string = String): string {
  return `(${values.map(each).join(', ')}${values.length === 1 ? ',' : ''})`;
}

/** `4`, `(1, 2)`, None for null. */
export function numberOrTuple(value: number | readonly number[] | null): string {
  if (value === null) return 'None';
  return typeof value === 'number' ? `${value}` : tuple(value);
}

/** `[0.485, 0.456, 0.406]`, None for null, and single numbers as they are: what Python keeps as a list. */
export function listOrNumber(
  value: number | readonly number[] | null,
  each: (value: number) => string = String,
): string {
  if (value === null) return 'None';
  return typeof value === 'number' ? each(value) : `[${value.map(each).join(', ')}]`;
}
