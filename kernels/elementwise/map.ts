// Elementwise operations of one tensor: a core shader linked with the few lines that a room's own file defines.
import { type Capabilities, type Launch, launch, type Operation, sizeOf, type TensorSpec } from '../definition.ts';
import { flatLoop } from '../flatLoop.ts';
import { link, type Shader } from '../shader.ts';
import { shader as mapFile } from './map.wgsl.ts';
import { shader as mapBackwardFile } from './mapBackward.wgsl.ts';
import { shader as paramsFile } from './params.wgsl.ts';

/** The same kernel over single elements and over four at a time. */
export interface MapShaders {
  readonly scalar: Shader;
  readonly vec4: Shader;
}

/** Links `fn forward(x: Element) -> Element`. Pass a file with the room's own Params if it has options. */
export function forwardShaders(label: string, files: readonly Shader[], params: Shader = paramsFile): MapShaders {
  return bothWidths(label, [params, mapFile, ...files]);
}

/** Links `fn backward(saved: Element, dy: Element) -> Element`. */
export function backwardShaders(label: string, files: readonly Shader[], params: Shader = paramsFile): MapShaders {
  return bothWidths(label, [params, mapBackwardFile, ...files]);
}

/**
 * An operation `y = f(x)` on any shape in any order; y lies as x does.
 * @param saves what `backward` is given beside dy: the input or the output
 * @param shadersFor the kernels for given options, among all of `variants`
 */
export function mapOperation<Options extends object>({
  name,
  saves,
  variants,
  shadersFor,
  paramsOf = () => ({}),
}: {
  name: string;
  saves: 'x' | 'y';
  variants: readonly { forward: MapShaders; backward: MapShaders }[];
  shadersFor: (options: Options) => { forward: MapShaders; backward: MapShaders };
  paramsOf?: (options: Options) => Record<string, number>;
}): Operation<Options> {
  return {
    name,
    inputs: [{ name: 'x', layout: 'any', dtype: 'float32' }],
    shaders: variants.flatMap(({ forward, backward }) => [
      forward.scalar,
      forward.vec4,
      backward.scalar,
      backward.vec4,
    ]),
    infer: ({ x }, options) => {
      shadersFor(options);
      return { y: { shape: x.shape, dtype: x.dtype, order: x.order } };
    },
    forward: ({ inputs: { x }, device, options }) => ({
      launches: [mapLaunch(shadersFor(options).forward, { x, device }, {}, paramsOf(options))],
    }),
    saved: () => [saves],
    backward: ({ inputs: { x }, device, options }) => ({
      launches: [mapLaunch(shadersFor(options).backward, { x, device }, { saved: saves }, paramsOf(options))],
    }),
  };
}

/** One flat launch over all elements, four at a time where their number allows it. */
export function mapLaunch(
  { scalar, vec4 }: MapShaders,
  { x: { shape }, device }: { x: Pick<TensorSpec, 'shape'>; device: Capabilities },
  bind: Readonly<Record<string, string>>,
  params: Readonly<Record<string, number>> = {},
): Launch {
  const elements = sizeOf(shape);
  const width = elements % 4 === 0 ? 4 : 1;
  const shader = width === 4 ? vec4 : scalar;
  const storage = Object.keys(shader.bindings).filter((name) => shader.bindings[name].access !== 'uniform');
  const { constants, workgroups } = flatLoop(device);
  return launch<Shader, 'units'>(shader, {
    bind,
    constants,
    axes: {
      units: { extent: elements / width, slices: Object.fromEntries(storage.map((name) => [name, width])) },
    },
    params: ({ units }) => ({ ...params, elements: units.count }),
    workgroups: ({ units }) => workgroups(units.count),
  });
}

function bothWidths(label: string, files: readonly Shader[]): MapShaders {
  return { scalar: link(label, files), vec4: link(`${label} vec4`, files, { Element: 'vec4f' }) };
}
