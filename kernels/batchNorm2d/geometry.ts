// Batch normalisation sees channels-last images as a matrix [rows, c].
import type { Specs } from '../definition.ts';
import { shadersFor } from './shaders.ts';

export function geometry(inputs: Specs) {
  const [n, c, h, w] = inputs.x.shape;
  const shader = shadersFor(c);
  return {
    rows: n * h * w,
    c,
    /** Channels in the shader's Elements. */
    channels: c % 4 === 0 ? c / 4 : c,
    shader,
  };
}
