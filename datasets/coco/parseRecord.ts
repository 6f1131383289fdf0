// The fields of one record of an annotation file, checked one by one: the file is input from somewhere.
import { FormatError } from '../../kernels/errors.ts';
import { shown } from '../shown.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** @throws FormatError unless the field is an integer of at least 0, exact as a number */
export function idField(fields: Fields, name: string): number {
  const value = fields[name];
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new FormatError(`${name} is ${shown(value)}, expected an integer of at least 0`);
}

/** @throws FormatError unless the field is text of at most 64 Ki characters */
export function textField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.length <= 65536) return value;
  throw new FormatError(`${name} is ${shown(value)}, expected text`);
}

/** @throws FormatError unless the field is a list of finite numbers, `count` of them where given */
export function numbersField(fields: Fields, name: string, count?: number): readonly number[] {
  const value = fields[name];
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'number' && Number.isFinite(each));
  if (isList && (count === undefined || value.length === count)) return value;
  throw new FormatError(`${name} is ${shown(value)}, expected ${count ?? 'a list of'} finite numbers`);
}
