// Padding with a constant, a mirror image or the border's own values. A launch pads two dimensions, wherever they lie
// in memory; a constant around more of them takes several launches.
import {
  flatGrid,
  type Launch,
  launch,
  type Operation,
  type Plan,
  type Shape,
  sizeOf,
  type TensorSpec,
} from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { fill, fillLaunch } from '../fill/fill.ts';
import { show } from '../rank.ts';
import { link, type Shader } from '../shader.ts';
import { shader as backwardReflectFile } from './backward.reflect.wgsl.ts';
import { shader as backwardReplicateFile } from './backward.replicate.wgsl.ts';
import { shader as backwardFile } from './backward.wgsl.ts';
import { shader as constantFile } from './constant.wgsl.ts';
import { shader as forwardFile } from './forward.wgsl.ts';
import { shader as reflectFile } from './reflect.wgsl.ts';
import { shader as replicateFile } from './replicate.wgsl.ts';

export type PadMode = 'constant' | 'reflect' | 'replicate';

export interface PadOptions {
  /** Pairs from the last dimension to the first: `[left, right, top, bottom, …]`. Negative numbers crop (constant only). */
  padding: readonly number[];
  /** Default `constant`. */
  mode?: PadMode;
  /** What `constant` fills in. Default 0. */
  value?: number;
}

type Shaders = Readonly<Record<'scalar' | 'vec4', Shader>>;

const forward: Record<PadMode, Shaders> = {
  constant: bothWidths('pad/forward.constant', [forwardFile, constantFile]),
  reflect: bothWidths('pad/forward.reflect', [forwardFile, reflectFile]),
  replicate: bothWidths('pad/forward.replicate', [forwardFile, replicateFile]),
};
const backward: Record<Exclude<PadMode, 'constant'>, Shaders> = {
  reflect: bothWidths('pad/backward.reflect', [backwardFile, backwardReflectFile]),
  replicate: bothWidths('pad/backward.replicate', [backwardFile, backwardReplicateFile]),
};

export const pad: Operation<PadOptions> = {
  name: 'pad',
  inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
  shaders: [...Object.values(forward), ...Object.values(backward)]
    .flatMap(({ scalar, vec4 }): Shader[] => [scalar, vec4])
    .concat(fill.shaders),

  infer({ x }, options) {
    const sides = sidesOf(x.shape, options);
    return { y: { shape: padded(x.shape, sides), dtype: 'float32', order: x.order } };
  },

  forward({ inputs, outputs: { y }, options, device }) {
    const { mode = 'constant', value = 0 } = options;
    if (sizeOf(inputs.x.shape) === 0) return { launches: [fillLaunch('y', y.shape, { device, value })] };
    return passes(forward[mode], inputs.x, sidesOf(inputs.x.shape, options), { from: 'x', to: 'y', value });
  },

  backward({ inputs, outputs, options }) {
    if (sizeOf(inputs.x.shape) === 0) return { launches: [] };
    const sides = sidesOf(inputs.x.shape, options);
    const { mode = 'constant' } = options;
    if (mode === 'constant') {
      // what was added is cropped, what was cropped is zero
      const inverse = sides.map(([before, after]) => [-before, -after] as const);
      return passes(forward.constant, outputs.y, inverse, { from: 'dy', to: 'dx', value: 0 });
    }
    const { vector, axis, params } = geometry(inputs.x, sides, paddedDimensions(inputs.x, sides));
    return {
      launches: [
        launch(backward[mode][vector === 4 ? 'vec4' : 'scalar'], {
          axes: { outer: { extent: axis.extent, slices: { dx: axis.inputs, dy: axis.outputs } } },
          params: ({ outer }) => ({ ...params, inputs: (outer.count * axis.inputs) / vector }),
          workgroups: ({ outer }) => flatGrid((outer.count * axis.inputs) / vector, 64),
        }),
      ],
    };
  },
};

/** Elements added before and after each logical dimension. */
type Sides = readonly (readonly [before: number, after: number])[];

function bothWidths(label: string, files: readonly Shader[]): Shaders {
  return { scalar: link(label, files), vec4: link(`${label} vec4`, files, { Element: 'vec4f' }) };
}

/** The door. @throws ShapeError */
function sidesOf(shape: Shape, { padding, mode = 'constant' }: PadOptions): Sides {
  if (!Object.hasOwn(forward, mode)) {
    throw new ShapeError(`pad: mode must be 'constant', 'reflect' or 'replicate', given '${mode}'`);
  }
  if (padding.length % 2 || padding.length > 2 * shape.length || !padding.every(Number.isInteger)) {
    throw new ShapeError(
      `pad: padding must be whole numbers, two for each padded dimension from the last on, given ${show(padding)} for x ${show(shape)}`,
    );
  }
  if (mode !== 'constant' && padding.length > 4) {
    throw new ShapeError(`pad: mode '${mode}' pads the last two dimensions at most, given padding ${show(padding)}`);
  }
  return shape.map((extent, d) => {
    const at = 2 * (shape.length - 1 - d);
    const [before, after] = [padding[at] ?? 0, padding[at + 1] ?? 0];
    const most = mode === 'reflect' ? extent - 1 : Infinity;
    if (mode !== 'constant' && (Math.min(before, after) < 0 || Math.max(before, after) > most)) {
      throw new ShapeError(
        `pad: mode '${mode}' takes padding from 0${most < Infinity ? ` to ${most}` : ''} for dimension ${d}, given ${show([before, after])} for x ${show(shape)}`,
      );
    }
    const isEmpty = extent === 0 && before === 0 && after === 0; // a batch of nothing stays one
    if (extent + before + after < 1 && !isEmpty) {
      throw new ShapeError(
        `pad: padding ${show([before, after])} leaves nothing of dimension ${d} of x ${show(shape)}`,
      );
    }
    return [before, after] as const;
  });
}

function padded(shape: Shape, sides: Sides): number[] {
  return shape.map((extent, d) => extent + sides[d][0] + sides[d][1]);
}

/** Physical positions of the dimensions that change, outermost first. */
function paddedDimensions({ order }: TensorSpec, sides: Sides): number[] {
  return order.map((_, position) => position).filter((position) => sides[order[position]].some((side) => side !== 0));
}

/** As many launches as it takes at two dimensions each, through scratch memory; one also where nothing is padded. */
function passes(
  shaders: Shaders,
  x: TensorSpec,
  sides: Sides,
  { from, to, value }: { from: string; to: string; value: number },
): Plan {
  const positions = paddedDimensions(x, sides);
  const scratch: Record<string, { length: number }> = {};
  const launches: Launch[] = [];
  let current = { name: from, spec: x };
  for (let first = 0; first === 0 || first < positions.length; first += 2) {
    const pair = positions.slice(first, first + 2);
    const shape = current.spec.shape.map((extent, d) =>
      pair.some((position) => x.order[position] === d) ? extent + sides[d][0] + sides[d][1] : extent,
    );
    const next = { name: first + 2 >= positions.length ? to : `pass${first / 2}`, spec: { ...x, shape } };
    if (next.name !== to) scratch[next.name] = { length: sizeOf(shape) };
    launches.push(pass(shaders, geometry(current.spec, sides, pair), { x: current.name, y: next.name }, value));
    current = next;
  }
  return { scratch, launches };
}

function pass(
  shaders: Shaders,
  { vector, axis, params }: Geometry,
  bind: { x: string; y: string },
  value: number,
): Launch {
  return launch(shaders[vector === 4 ? 'vec4' : 'scalar'], {
    bind,
    axes: { outer: { extent: axis.extent, slices: { x: axis.inputs, y: axis.outputs } } },
    params: ({ outer }) => ({ ...params, value, outputs: (outer.count * axis.outputs) / vector }),
    workgroups: ({ outer }) => flatGrid((outer.count * axis.outputs) / vector, 64),
  });
}

type Geometry = ReturnType<typeof geometry>;

/** The tensor as [outer, height, middle, width, inner], of which height and width, at `positions`, are padded. */
function geometry({ shape, order }: TensorSpec, sides: Sides, positions: readonly number[]) {
  const extents = order.map((d) => shape[d]);
  const product = (from: number, to: number) => sizeOf(extents.slice(from, to));
  const [first = order.length, second = order.length] = positions;
  const [height, width] = [extents[first] ?? 1, extents[second] ?? 1];
  const [[top, bottom], [left, right]] = [first, second].map((position) => sides[order[position]] ?? [0, 0]);
  const [outHeight, outWidth] = [height + top + bottom, width + left + right];
  // with one padded dimension all that is inside it is inner
  const middle = second < order.length ? product(first + 1, second) : 1;
  const inner = second < order.length ? product(second + 1, order.length) : product(first + 1, order.length);
  const vector = inner % 4 === 0 ? 4 : 1;
  return {
    vector,
    axis: {
      extent: product(0, first),
      inputs: height * middle * width * inner,
      outputs: outHeight * middle * outWidth * inner,
    },
    params: { inner: inner / vector, middle, height, width, outHeight, outWidth, top, left },
  };
}
