// The door of every optimizer room: parameters, gradients and states are flat arenas of one length.
import type { Specs } from './definition.ts';
import { ShapeError } from './errors.ts';
import { show } from './rank.ts';

/** @throws ShapeError unless all inputs have rank 1 and the length of `parameters` */
export function checkArenas(where: string, inputs: Specs): void {
  const [length] = inputs.parameters.shape;
  for (const [name, { shape }] of Object.entries(inputs)) {
    if (shape.length !== 1 || shape[0] !== length) {
      throw new ShapeError(
        `${where}: ${name} must have shape ${show([length])} as parameters do, given ${show(shape)}`,
      );
    }
  }
}
