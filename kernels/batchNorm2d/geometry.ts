// Batch normalisation sees channels-last images as a matrix [rows, c].
import { type Capabilities, flatGrid, type Specs } from '../definition.ts';
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

/**
 * The loop of an apply pass, whose threads each take several rows, so that they read their channel's numbers once for
 * all of them. On GPUs neighbouring threads read neighbouring rows; an emulated one runs a workgroup best when it is one
 * subgroup that walks through memory.
 */
export function applyLoop({ kind }: Capabilities, channels: number) {
  const [lanes, rowsPerThread] = kind === 'gpu' ? [64, 8] : [8, 64];
  const blocksFor = (rows: number) => Math.ceil(rows / rowsPerThread);
  return {
    constants: { WORKGROUP_SIZE: lanes },
    params: (rows: number) => {
      const blocks = blocksFor(rows);
      return { rows, blocks, rowsApart: kind === 'gpu' ? blocks : 1, channels };
    },
    workgroups: (rows: number) => flatGrid(blocksFor(rows) * channels, lanes),
  };
}
