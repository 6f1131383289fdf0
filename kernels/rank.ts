// The first check at every door: how many dimensions an input has.
import type { TensorSpec } from './definition.ts';
import { ShapeError } from './errors.ts';

/** `[8, 3, 224, 224]`, as shapes are written in every message. */
export function show(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The shape of a rank-4 image batch `[n, c, h, w]`. @throws ShapeError */
export function rank4(where: string, name: string, { shape }: TensorSpec): readonly [number, number, number, number] {
  if (shape.length !== 4) throw new ShapeError(`${where}: ${name} must have shape [n, c, h, w], given ${show(shape)}`);
  return shape as unknown as readonly [number, number, number, number];
}

/** The shape of a matrix `[rows, columns]`. @throws ShapeError */
export function rank2(where: string, name: string, { shape }: TensorSpec): readonly [number, number] {
  if (shape.length !== 2)
    throw new ShapeError(`${where}: ${name} must have shape [rows, columns], given ${show(shape)}`);
  return shape as unknown as readonly [number, number];
}
