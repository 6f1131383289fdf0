// Tensors one after another along a dimension. One launch per tensor, so their number meets no binding limit.
import {
  flatGrid,
  type Launch,
  launch,
  type Operation,
  orderOf,
  type Range,
  type Specs,
  sameOrder,
  sizeOf,
  stridesOf,
  type TensorSpec,
} from '../definition.ts';
import { byFours, type Loop, merged, vectorPattern } from '../elementwise/loops.ts';
import { ShapeError } from '../errors.ts';
import { show } from '../rank.ts';
import { dimension } from '../reduce/dims.ts';
import { link, type Shader } from '../shader.ts';
import { shader as copyFile } from './copy.wgsl.ts';

export interface CatOptions {
  /** Default 0; negative ones count from the end. */
  dim?: number;
}

const MOST_DIMENSIONS = 6;

const shaders = {
  scalar: copyFile,
  vec4: link('cat/copy vec4', [copyFile], { Element: 'vec4u' }) as typeof copyFile,
};

export const cat: Operation<CatOptions> = {
  name: 'cat',
  inputs: [{ name: 'x', layout: 'any', variadic: true }],
  shaders: [shaders.scalar, shaders.vec4],

  infer(inputs, { dim = 0 }) {
    const tensors = inOrder(inputs);
    if (!tensors.length) throw new ShapeError('cat: at least one tensor is needed, given none');
    const [{ shape, dtype, order }] = tensors;
    if (shape.length > MOST_DIMENSIONS) {
      throw new ShapeError(`cat: at most ${MOST_DIMENSIONS} dimensions, given x0 ${show(shape)}`);
    }
    const along = dimension('cat', dim, shape);
    let extent = 0;
    tensors.forEach((tensor, i) => {
      const fits = tensor.shape.length === shape.length && tensor.shape.every((e, d) => d === along || e === shape[d]);
      if (!fits || tensor.dtype !== dtype) {
        throw new ShapeError(
          `cat: x${i} must be ${dtype} and agree with x0 in all dimensions but ${along} (x0: ${show(shape)}, x${i}: ${tensor.dtype} ${show(tensor.shape)})`,
        );
      }
      extent += tensor.shape[along];
    });
    const alike = tensors.every((tensor) => sameOrder(tensor.order, order));
    const result = shape.map((e, d) => (d === along ? extent : e));
    return { y: { shape: result, dtype, order: alike ? order : orderOf('any', shape.length) } };
  },

  forward({ inputs, outputs, options }) {
    return {
      launches: placesOf(inputs, outputs, options).map(([name, place]) =>
        copyLaunch(place, { part: 'x', whole: 'y', bind: { x: name, y: 'y' } }),
      ),
    };
  },

  backward({ inputs, outputs, options }, wanted) {
    return {
      launches: placesOf(inputs, outputs, options)
        .filter(([name]) => wanted.has(name))
        .map(([name, place]) => copyLaunch(place, { part: 'y', whole: 'x', bind: { x: 'dy', y: `d${name}` } })),
    };
  },
};

/** x0, x1, … however the caller's object was ordered. */
function inOrder(inputs: Specs): TensorSpec[] {
  return Object.keys(inputs).map((_, i) => {
    const tensor = inputs[`x${i}`];
    if (!tensor)
      throw new ShapeError(`cat: tensors must be named x0, x1, … without gaps, given ${Object.keys(inputs)}`);
    return tensor;
  });
}

/** Where each tensor lies in y; empty ones lie nowhere. */
function placesOf(inputs: Specs, { y }: Specs, { dim = 0 }: CatOptions): [name: string, place: Place][] {
  const along = dimension('cat', dim, y.shape);
  let end = 0;
  const places = inOrder(inputs).map((part, i): [string, Place] => {
    const start = end;
    end += part.shape[along];
    return [`x${i}`, { part, whole: y, along, start }];
  });
  return places.filter(([, { part }]) => sizeOf(part.shape) > 0);
}

interface Place {
  /** The tensor that is one part of the whole. */
  readonly part: TensorSpec;
  readonly whole: TensorSpec;
  readonly along: number;
  /** Where the part begins along that dimension. */
  readonly start: number;
}

interface Roles {
  readonly part: 'x' | 'y';
  readonly whole: 'x' | 'y';
  readonly bind: Readonly<Record<'x' | 'y', string>>;
}

/**
 * Walks the part in the order of the whole; `roles` says which of the kernel's x and y is which. Beyond the binding
 * limit the whole is cut along its outermost dimension, and the part with it unless it lies otherwise.
 */
function copyLaunch({ part, whole, along, start }: Place, roles: Roles): Launch {
  const [partStrides, wholeStrides] = [stridesOf(part), stridesOf(whole)];
  const [x, y] = roles.part === 'x' ? [partStrides, wholeStrides] : [wholeStrides, partStrides];
  const single = merged(whole.order.map((d) => ({ extent: part.shape[d], steps: [x[d], y[d]] })));
  const wide = vectorPattern(single) === 'vv' && (start * wholeStrides[along]) % 4 === 0;
  const loops = wide ? byFours(single) : single;
  const width = wide ? 4 : 1;

  const outermost = outermostOf(whole);
  const isJoint = outermost === along; // rows of the whole belong to one part or to another
  const cutsPart = !isJoint && outermostOf(part) === outermost;
  const slices: Record<string, number> = { [roles.whole]: wholeStrides[outermost] };
  if (cutsPart) slices[roles.part] = partStrides[outermost];
  const elementsOf = (rows: Range) => (rowsOf(rows).count * (sizeOf(part.shape) / part.shape[outermost])) / width;
  // the outermost loop takes what the others leave, so it stands in slot 0; the innermost stands in the last
  const [outer, ...inner] = loops;
  const slots = [outer, ...Array<Loop | undefined>(MOST_DIMENSIONS - 1 - inner.length), ...inner];
  const fixed: Record<string, number> = {};
  slots.forEach((loop, slot) => {
    fixed[`extent${slot}`] = loop?.extent ?? 1;
    fixed[`x${slot}`] = (loop?.steps[0] ?? 0) / width;
    fixed[`y${slot}`] = (loop?.steps[1] ?? 0) / width;
  });
  return launch<Shader, 'rows'>(wide ? shaders.vec4 : shaders.scalar, {
    bind: roles.bind,
    constants: { LOOPS: loops.length },
    axes: { rows: { extent: whole.shape[outermost], slices } },
    params: ({ rows }) => {
      const { first } = rowsOf(rows);
      const wholeStart = (first - rows.start) * wholeStrides[outermost] + (isJoint ? 0 : start * wholeStrides[along]);
      const partStart = cutsPart ? 0 : (first - (isJoint ? start : 0)) * partStrides[outermost];
      return {
        ...fixed,
        elements: elementsOf(rows),
        [`${roles.whole}Start`]: wholeStart / width,
        [`${roles.part}Start`]: partStart / width,
      };
    },
    workgroups: ({ rows }) => flatGrid(elementsOf(rows), 64),
  });

  /** The rows of the whole that a piece and the part have in common. */
  function rowsOf({ start: begin, count }: Range): { first: number; count: number } {
    if (!isJoint) return { first: begin, count };
    const first = Math.max(begin, start);
    return { first, count: Math.max(0, Math.min(begin + count, start + part.shape[along]) - first) };
  }
}

function outermostOf({ shape, order }: TensorSpec): number {
  return order.find((d) => shape[d] !== 1) ?? order[0];
}
