// The Euclidean norm of all values of any number of tensors together, reduced in a fixed order.
import { launch, type Operation, sizeOf, spec } from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { link } from '../shader.ts';
import { shader as fold } from './fold.wgsl.ts';
import { shader as scalarFile } from './scalar.wgsl.ts';
import { shader as core } from './sumSquares.wgsl.ts';
import { shader as vec4File } from './vec4.wgsl.ts';

const scalar = link('gradientNorm/sumSquares', [core, scalarFile]) as unknown as typeof core;
const vec4 = link('gradientNorm/sumSquares vec4', [core, vec4File], { Element: 'vec4f' }) as unknown as typeof core;

/** Enough threads for any GPU, and partial sums that stay small. */
const MOST_THREADS = 2 ** 15;
const FOLDING_THREADS = 256;

export const gradientNorm: Operation<Record<string, never>> = {
  name: 'gradientNorm',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32', variadic: true, differentiable: false }],
  shaders: [scalar, vec4, fold],

  infer(inputs) {
    if (!Object.keys(inputs).length) throw new ShapeError('gradientNorm: at least one tensor is needed');
    return { y: spec([]) };
  },

  forward({ inputs }) {
    let partials = 0;
    const sums = Object.entries(inputs).map(([name, { shape }]) => {
      const elements = sizeOf(shape);
      const vector = elements % 4 === 0 ? 4 : 1;
      const threads = Math.min(MOST_THREADS, Math.ceil(elements / vector / 32)); // none for an empty tensor
      const first = partials;
      partials += threads;
      return launch(vector === 4 ? vec4 : scalar, {
        bind: { x: name },
        axes: { elements: { extent: elements / vector, slices: { x: vector } } },
        params: (ranges) => ({ elements: ranges.elements.count, threads, first, start: ranges.elements.start }),
        workgroups: [Math.ceil(threads / 64)],
      });
    });
    return {
      scratch: { partials: { length: Math.max(1, partials) }, folded: { length: FOLDING_THREADS } },
      launches: [
        ...sums,
        launch(fold, {
          bind: { sums: 'folded' },
          params: { elements: partials, threads: FOLDING_THREADS, root: 0 },
          workgroups: [Math.ceil(FOLDING_THREADS / 64)],
        }),
        launch(fold, {
          bind: { partials: 'folded', sums: 'y' },
          params: { elements: FOLDING_THREADS, threads: 1, root: 1 },
          workgroups: [1],
        }),
      ],
    };
  },
};
