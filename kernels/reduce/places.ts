// For the references: where each element of x goes in y, and its place in the reduction.
import { type Shape, sizeOf } from '../definition.ts';
import { type ReduceOptions, reducedDims } from './dims.ts';

export interface Places {
  /** Row-major offset in y, by row-major offset in x. */
  readonly output: Uint32Array;
  /** Row-major index over the reduced dimensions; ascends within each output. */
  readonly position: Uint32Array;
}

/** Shape of the result in logical order. */
export function reducedShape(shape: Shape, options: ReduceOptions): number[] {
  const dims = reducedDims('reference', shape, options);
  if (options.keepDim) return shape.map((extent, i) => (dims.includes(i) ? 1 : extent));
  return shape.filter((_, i) => !dims.includes(i));
}

export function placesOf(shape: Shape, options: ReduceOptions): Places {
  const dims = reducedDims('reference', shape, options);
  const output = new Uint32Array(sizeOf(shape));
  const position = new Uint32Array(sizeOf(shape));
  for (let from = 0; from < output.length; from++) {
    let rest = from;
    let outputStep = 1;
    let positionStep = 1;
    for (let i = shape.length - 1; i >= 0; i--) {
      const index = rest % shape[i];
      rest = (rest - index) / shape[i];
      if (dims.includes(i)) {
        position[from] += index * positionStep;
        positionStep *= shape[i];
      } else {
        output[from] += index * outputStep;
        outputStep *= shape[i];
      }
    }
  }
  return { output, position };
}
