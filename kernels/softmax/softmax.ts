// Softmax along one dimension of a tensor in any order; the largest value is subtracted first, so nothing overflows.
import { flatGrid, launch, type Operation, type Plan, type Specs, sizeOf, stridesOf } from '../definition.ts';
import { dimension } from '../reduce/dims.ts';
import { shader as isNan } from '../reduce/isNan.wgsl.ts';
import { link, type Shader } from '../shader.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as expFile } from './exp.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as gradientFile } from './gradient.wgsl.ts';
import { shader as resultFile } from './result.wgsl.ts';

export interface SoftmaxOptions {
  /** The dimension along which the values sum to 1; negative ones count from the end. */
  dim: number;
}

export const softmax = alongRows('softmax', { result: resultFile, gradient: gradientFile });

/** Softmax and logSoftmax differ in what they make of a row's largest value and sum. */
export function alongRows(
  name: string,
  { result, gradient }: { result: Shader; gradient: Shader },
): Operation<SoftmaxOptions> {
  const forward = link(`${name}/forward`, [forwardFile, isNan, expFile, result]) as Shader as typeof forwardFile;
  const backward = link(`${name}/backward`, [backwardFile, isNan, expFile, gradient]) as Shader as typeof backwardFile;
  return {
    name,
    autocast: 'float32',
    inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
    shaders: [forward, backward],

    infer({ x }, { dim }) {
      dimension(name, dim, x.shape);
      return { y: x };
    },

    forward: ({ inputs, options }) => rowLaunch(forward, inputs, ['x', 'y'], options),
    saved: () => ['y'],
    backward: ({ inputs, options }) => rowLaunch(backward, inputs, ['y', 'dy', 'dx'], options),
  };
}

/** One thread per row. A tensor beyond the binding limit is cut along the dimensions outside of the normalised one. */
function rowLaunch(
  shader: typeof forwardFile | typeof backwardFile,
  { x }: Specs,
  bindings: readonly string[],
  { dim }: SoftmaxOptions,
): Plan {
  if (sizeOf(x.shape) === 0) return { launches: [] };
  const normalised = dimension(shader.label, dim, x.shape);
  const extent = x.shape[normalised];
  const stride = stridesOf(x)[normalised];
  const slices = Object.fromEntries(bindings.map((binding) => [binding, extent * stride]));
  return {
    launches: [
      launch(shader, {
        axes: { outer: { extent: sizeOf(x.shape) / (extent * stride), slices } },
        params: ({ outer }) => ({ rows: outer.count * stride, extent, stride }),
        workgroups: ({ outer }) => flatGrid(outer.count * stride, 64),
      }),
    ],
  };
}
