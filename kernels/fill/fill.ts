// Sets every element of a tensor to one value, in place.
import { type Capabilities, type Launch, launch, type Operation, type Shape, sizeOf } from '../definition.ts';
import { flatLoop } from '../flatLoop.ts';
import { shader } from './forward.wgsl.ts';

export interface FillOptions {
  value: number;
}

export const fill: Operation<FillOptions> = {
  name: 'fill',
  inputs: [{ name: 'target', layout: 'any', dtype: 'float32', differentiable: false, updated: true }],
  shaders: [shader],

  infer: () => ({}),

  forward: ({ inputs, device, options }) => ({
    launches: [fillLaunch('target', inputs.target.shape, { device, value: options.value })],
  }),
};

/** One value for every element of a tensor: other rooms' results of nothing, which are NaN or a padding. */
export function fillLaunch(
  target: string,
  shape: Shape,
  { device, value }: { device: Capabilities; value: number },
): Launch {
  const { constants, workgroups } = flatLoop(device);
  return launch(shader, {
    constants,
    bind: { target_: target },
    axes: { elements: { extent: sizeOf(shape), slices: { target_: 1 } } },
    params: ({ elements }) => ({ elements: elements.count, value }),
    workgroups: ({ elements }) => workgroups(elements.count),
  });
}
