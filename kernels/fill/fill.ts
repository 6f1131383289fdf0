// Sets every element of a tensor to one value, in place.
import { launch, type Operation, sizeOf } from '../definition.ts';
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

  forward({ inputs, device, options }) {
    const { constants, workgroups } = flatLoop(device);
    return {
      launches: [
        launch(shader, {
          constants,
          bind: { target_: 'target' },
          axes: { elements: { extent: sizeOf(inputs.target.shape), slices: { target_: 1 } } },
          params: ({ elements }) => ({ elements: elements.count, value: options.value }),
          workgroups: ({ elements }) => workgroups(elements.count),
        }),
      ],
    };
  },
};
