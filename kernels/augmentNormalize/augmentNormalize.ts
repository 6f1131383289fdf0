// The last step of a batch of pictures: levels to float32 by table, with a rectangle of each sample erased.
import { flatGrid, launch, NOTHING, type Operation, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank2, show } from '../rank.ts';
import { shader as forwardFile } from './forward.wgsl.ts';

/** Values of a channel: one for each level, then that of an erased pixel. */
export const VALUES_PER_CHANNEL = 257;

/**
 * `x` uint32 `[n, h, w]`, red in the lowest byte; `values` float32 `[c, 257]`, c being 1 or 3; `erased` int32 `[n, 4]`: top, left,
 * height and width of what is erased in each sample, height 0 for nothing. `y` `[n, c, h, w]`.
 */
export const augmentNormalize: Operation<Record<string, never>> = {
  name: 'augmentNormalize',
  inputs: [
    { name: 'x', layout: 'rowMajor', dtype: 'uint32', differentiable: false },
    { name: 'values', layout: 'rowMajor', differentiable: false },
    { name: 'erased', layout: 'rowMajor', dtype: 'int32', optional: true, differentiable: false },
  ],
  shaders: [forwardFile],

  infer({ x, values, erased }) {
    if (x.shape.length !== 3) {
      throw new ShapeError(`augmentNormalize: x must have shape [n, h, w], given ${show(x.shape)}`);
    }
    const [n, height, width] = x.shape;
    const [channels, entries] = rank2('augmentNormalize', 'values', values);
    if ((channels !== 1 && channels !== 3) || entries !== VALUES_PER_CHANNEL) {
      throw new ShapeError(
        `augmentNormalize: values is [c, ${VALUES_PER_CHANNEL}] with c 1 or 3, given ${show(values.shape)}`,
      );
    }
    if (erased && show(erased.shape) !== show([n, 4])) {
      throw new ShapeError(`augmentNormalize: erased is [n, 4], here ${show([n, 4])}, given ${show(erased.shape)}`);
    }
    return { y: spec([n, channels, height, width]) };
  },

  forward({ inputs: { x, values, erased } }) {
    const [n, height, width] = x.shape;
    const [channels] = values.shape;
    const pixels = height * width;
    return {
      launches: [
        launch(forwardFile, {
          bind: erased ? {} : { erased: NOTHING },
          axes: { sample: { extent: n, slices: { x: pixels, y: pixels * channels } } },
          params: ({ sample }) => ({
            outputs: sample.count * pixels,
            firstSample: sample.start,
            height,
            width,
            channels,
            hasErased: erased ? 1 : 0,
          }),
          workgroups: ({ sample }) => flatGrid(sample.count * pixels, 64),
        }),
      ],
    };
  },
};
