// Operations of two tensors with NumPy's broadcasting: what add, sub, mul and div share around their one line of WGSL.
import {
  flatGrid,
  launch,
  type Operation,
  orderOf,
  type Shape,
  type Specs,
  sizeOf,
  type TensorSpec,
} from '../definition.ts';
import { ShapeError } from '../errors.ts';
import { shader as fillShader } from '../fill/forward.wgsl.ts';
import { show } from '../rank.ts';
import { broadcastPlan, type TermShaders } from './broadcast.ts';

const MOST_DIMENSIONS = 6;

/** A gradient's term: its shaders and the tensors it reads, `dy` first. */
export interface GradientTerm {
  readonly shaders: TermShaders;
  readonly sources: readonly ['dy', ...('x' | 'other')[]];
}

/**
 * `y = f(x, other)` for any two shapes that broadcast, in any physical orders.
 * y lies as the operand that has its full shape does; where neither has, in the default order of its rank.
 */
export function arithmeticOperation({
  name,
  forward,
  backward,
}: {
  name: string;
  forward: TermShaders;
  backward: Readonly<Record<'x' | 'other', GradientTerm>>;
}): Operation<Record<string, never>> {
  const terms = [forward, backward.x.shaders, backward.other.shaders];
  return {
    name,
    result: 'promoted',
    inputs: [
      { name: 'x', layout: 'any', dtype: 'float32' },
      { name: 'other', layout: 'any', dtype: 'float32' },
    ],
    shaders: [...new Set(terms.flatMap((shaders) => Object.values(shaders)))],

    infer({ x, other }) {
      const shape = broadcastShape(name, x.shape, other.shape);
      const full = [x, other].find((operand) => show(operand.shape) === show(shape));
      return { y: { shape, dtype: 'float32', order: full?.order ?? orderOf('any', shape.length) } };
    },

    forward({ inputs: { x, other }, outputs: { y }, device }) {
      return broadcastPlan({ shaders: forward, device }, y, { name: 'y', spec: y }, [
        { name: 'x', spec: x },
        { name: 'other', spec: other },
      ]);
    },

    saved: (wanted) => (['x', 'other'] as const).filter((saved) => [...wanted].some((input) => reads(input, saved))),

    backward({ inputs, outputs, device }, wanted) {
      const plans = [...wanted].map((input) => {
        const { shaders, sources } = backward[input as 'x' | 'other'];
        const specs: Specs = { ...inputs, dy: outputs.y };
        const result = { name: `d${input}`, spec: inputs[input] };
        if (sizeOf(outputs.y.shape) === 0) return { scratch: {}, launches: [zeros(result)] };
        return broadcastPlan(
          { shaders, device },
          outputs.y,
          result,
          sources.map((source) => ({ name: source, spec: specs[source] })),
        );
      });
      return {
        scratch: Object.assign({}, ...plans.map(({ scratch }) => scratch)),
        launches: plans.flatMap(({ launches }) => launches),
      };
    },
  };

  function reads(input: string, saved: 'x' | 'other'): boolean {
    return backward[input as 'x' | 'other'].sources.includes(saved);
  }
}

/** The shape that both broadcast to. @throws ShapeError */
export function broadcastShape(where: string, x: Shape, other: Shape): Shape {
  const rank = Math.max(x.length, other.length);
  if (rank > MOST_DIMENSIONS) {
    throw new ShapeError(
      `${where}: at most ${MOST_DIMENSIONS} dimensions, given x ${show(x)} and other ${show(other)}`,
    );
  }
  return Array.from({ length: rank }, (_, d) => {
    const a = x[d - rank + x.length] ?? 1;
    const b = other[d - rank + other.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) {
      throw new ShapeError(
        `${where}: x ${show(x)} and other ${show(other)} do not broadcast: dimension ${d - rank} is ${a} in x and ${b} in other; they must be equal, or one of them 1`,
      );
    }
    return a === 1 ? b : a;
  });
}

/** An empty batch still has gradients: nothing was summed. */
function zeros({ name, spec }: { name: string; spec: TensorSpec }) {
  return launch(fillShader, {
    bind: { target_: name },
    axes: { elements: { extent: sizeOf(spec.shape), slices: { target_: 1 } } },
    params: ({ elements }) => ({ elements: elements.count, value: 0 }),
    workgroups: ({ elements }) => flatGrid(elements.count, 64),
  });
}
