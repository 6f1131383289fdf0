// Brightness, contrast and saturation of a batch, to the level as PIL's ImageEnhance; each sample by its own factor.
import { flatGrid, type Launch, launch, NOTHING, type Operation, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { rank2, show } from '../rank.ts';
import { link } from '../shader.ts';
import { BLEND_ENTRIES } from './blendTable.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as lumaFile } from './luma.wgsl.ts';
import { shader as meansFile } from './means.wgsl.ts';
import { shader as rowSumsFile } from './rowSums.wgsl.ts';

export interface AugmentBlendOptions {
  /** Whether a sample asks for contrast, which needs the mean of its picture. */
  readonly contrast: boolean;
}

/** Twice their luma sums to 32 bits. */
const MOST_PIXELS = 2 ** 23;

const rowSums = link('augmentBlend/rowSums', [rowSumsFile, lumaFile]);
const forward = link('augmentBlend/forward', [forwardFile, lumaFile]);

/** `x` uint32 `[n, h, w]`, red in the lowest byte; `plan` int32 `[n, 512]`, the `blendTable` of each sample; `y` as `x`. */
export const augmentBlend: Operation<AugmentBlendOptions> = {
  name: 'augmentBlend',
  inputs: [
    { name: 'x', layout: 'rowMajor', dtype: 'uint32', differentiable: false },
    { name: 'plan', layout: 'rowMajor', dtype: 'int32', differentiable: false },
  ],
  shaders: [rowSums, meansFile, forward],

  infer({ x, plan }, { contrast }) {
    if (x.shape.length !== 3) throw new ShapeError(`augmentBlend: x must have shape [n, h, w], given ${show(x.shape)}`);
    const [n, height, width] = x.shape;
    const [samples, entries] = rank2('augmentBlend', 'plan', plan);
    if (samples !== n || entries !== BLEND_ENTRIES) {
      throw new ShapeError(
        `augmentBlend: the plan of ${n} samples is [${n}, ${BLEND_ENTRIES}], given ${show(plan.shape)}`,
      );
    }
    if (contrast && height * width > MOST_PIXELS) {
      throw new ShapeError(
        `augmentBlend: contrast takes pictures up to ${MOST_PIXELS} pixels, given ${show([height, width])}`,
      );
    }
    return { y: spec(x.shape, 'uint32') };
  },

  forward({ inputs: { x }, options: { contrast } }) {
    const [n, height, width] = x.shape;
    const pixels = height * width;
    const blend = launch(forward, {
      bind: contrast ? {} : { means: NOTHING },
      axes: { sample: { extent: n, slices: { x: pixels, y: pixels } } },
      params: ({ sample }) => ({
        outputs: sample.count * pixels,
        firstSample: sample.start,
        pixels,
      }),
      workgroups: ({ sample }) => flatGrid(sample.count * pixels, 64),
    });
    if (!contrast) return { launches: [blend] };
    const launches: Launch[] = [
      launch(rowSums, {
        axes: { sample: { extent: n, slices: { x: pixels } } },
        params: ({ sample }) => ({
          rows: sample.count * height,
          firstRow: sample.start * height,
          width,
        }),
        workgroups: ({ sample }) => flatGrid(sample.count * height, 64),
      }),
      launch(meansFile, { params: { samples: n, height, pixels }, workgroups: flatGrid(n, 64) }),
      blend,
    ];
    return {
      scratch: { sums: { length: n * height, dtype: 'uint32' }, means: { length: n, dtype: 'uint32' } },
      launches,
    };
  },
};
