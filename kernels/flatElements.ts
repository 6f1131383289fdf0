// The launch that optimizers and clipping share: one pass over flat tensors of the same length, four elements a lane
// where the length allows it.
import { type Capabilities, type Launch, launch } from './definition.ts';
import { flatLoop } from './flatLoop.ts';
import { link, type ParamsOf, type Shader } from './shader.ts';

/** A kernel over flat tensors, by element and by vec4. */
export interface FlatKernel<S extends Shader> {
  readonly scalar: S;
  readonly vec4: S;
}

/** Links files whose first declares `alias Element = f32;` into both forms. */
export function flatKernel<S extends Shader>(label: string, files: readonly [S, ...Shader[]]): FlatKernel<S> {
  return {
    scalar: link(label, files) as unknown as S,
    vec4: link(`${label} vec4`, files, { Element: 'vec4f' }) as unknown as S,
  };
}

/** One launch over all `elements`; every storage binding is cut alike. `elements` in Params counts lanes' elements. */
export function flatLaunch<S extends Shader>(
  { scalar, vec4 }: FlatKernel<S>,
  { elements, device }: { elements: number; device: Capabilities },
  params: Omit<ParamsOf<S>, 'elements'>,
  { whole = [], bind = {} }: { whole?: readonly string[]; bind?: Readonly<Record<string, string>> } = {},
): Launch {
  const vector = elements % 4 === 0 ? 4 : 1;
  const shader: Shader = vector === 4 ? vec4 : scalar;
  const cut = Object.keys(shader.bindings).filter((name) => name !== 'params' && !whole.includes(name));
  const slices = Object.fromEntries(cut.map((name) => [name, vector]));
  const { constants, workgroups } = flatLoop(device);
  return launch(shader, {
    bind,
    constants,
    axes: { elements: { extent: elements / vector, slices } },
    params: (ranges) => ({ ...params, elements: ranges.elements.count }),
    workgroups: (ranges) => workgroups(ranges.elements.count),
  });
}
