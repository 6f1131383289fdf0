// Shaders to pipelines with explicit layouts, and bind groups by what they bind; both made once and kept.
import { type HalfForm, withHalfStorage } from '../kernels/halfStorage.ts';
import type { Scalar, Shader } from '../kernels/shader.ts';
import type { ErrorWatch } from './errorWatch.ts';
import { shaderErrors } from './shaderErrors.ts';

/** Bytes of one Params struct; also WebGPU's default alignment of dynamic uniform offsets. */
export const PARAMS_BYTES = 256;

export interface Pipeline {
  readonly shader: Shader;
  readonly gpu: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly id: number;
  /** Those of the shader, in their order. */
  readonly bindings: readonly { readonly name: string; readonly binding: number; readonly isUniform: boolean }[];
  /** Fields of its Params, in their order. */
  readonly params: readonly (readonly [name: string, type: Scalar])[];
}

export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

export class Pipelines {
  /** How bindings hold float16. */
  readonly halfForm: HalfForm;
  readonly #device: GPUDevice;
  readonly #watch: ErrorWatch;
  readonly #pipelines = new Map<Shader, Map<string, Pipeline>>();
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  readonly #bufferIds = new WeakMap<GPUBuffer, number>();
  readonly #maxBindGroups: number;
  #nextId = 1;

  constructor(
    device: GPUDevice,
    watch: ErrorWatch,
    { maxBindGroups = 8192, halfForm = 'packed' }: { maxBindGroups?: number; halfForm?: HalfForm } = {},
  ) {
    this.halfForm = halfForm;
    this.#device = device;
    this.#watch = watch;
    this.#maxBindGroups = maxBindGroups;
  }

  /** @param halves bindings that hold float16, in the order of the shader's bindings */
  pipeline(shader: Shader, constants: Readonly<Record<string, number>>, halves: readonly string[] = []): Pipeline {
    let byConstants = this.#pipelines.get(shader);
    if (!byConstants) {
      byConstants = new Map();
      this.#pipelines.set(shader, byConstants);
    }
    let key = '';
    for (const name in constants) key += `${name}:${constants[name]},`;
    for (const name of halves) key += `${name},`;
    let pipeline = byConstants.get(key);
    if (!pipeline) {
      const stored = halves.length ? withHalfStorage(shader, halves, this.halfForm) : shader;
      pipeline = this.#compile(stored, constants);
      byConstants.set(key, pipeline);
    }
    return pipeline;
  }

  /** `ranges` in the order of `shader.bindings`, the params uniform included. */
  bindGroup(pipeline: Pipeline, ranges: readonly BufferRange[], what: () => string): GPUBindGroup {
    let key = `${pipeline.id}`;
    for (const { buffer, offset, size } of ranges) key += `|${this.#idOf(buffer)}:${offset}:${size}`;
    let group = this.#bindGroups.get(key);
    if (!group) {
      const { bindings } = pipeline;
      group = this.#watch.run(what, () =>
        this.#device.createBindGroup({
          label: pipeline.shader.label,
          layout: pipeline.layout,
          entries: ranges.map((resource, i) => ({ binding: bindings[i].binding, resource })),
        }),
      );
      if (this.#bindGroups.size >= this.#maxBindGroups) {
        this.#bindGroups.delete(this.#bindGroups.keys().next().value!);
      }
      this.#bindGroups.set(key, group);
    }
    return group;
  }

  /** Drops every bind group that holds the buffer, which is about to be destroyed. */
  forget(buffer: GPUBuffer): void {
    const id = `|${this.#idOf(buffer)}:`;
    for (const key of this.#bindGroups.keys()) if (key.includes(id)) this.#bindGroups.delete(key);
  }

  #idOf(buffer: GPUBuffer): number {
    let id = this.#bufferIds.get(buffer);
    if (!id) {
      id = this.#nextId++;
      this.#bufferIds.set(buffer, id);
    }
    return id;
  }

  #compile(shader: Shader, constants: Readonly<Record<string, number>>): Pipeline {
    const { label, code } = shader;
    const visibility = GPUShaderStage.COMPUTE;
    return this.#watch.run(
      () => label,
      () => {
        const module = this.#device.createShaderModule({ label, code });
        this.#watch.add(shaderErrors(module, shader));
        const layout = this.#device.createBindGroupLayout({
          label,
          entries: Object.values(shader.bindings).map(({ binding, access }) => ({
            binding,
            visibility,
            buffer:
              access === 'uniform'
                ? { type: 'uniform', hasDynamicOffset: true, minBindingSize: PARAMS_BYTES }
                : { type: access === 'read' ? 'read-only-storage' : 'storage' },
          })),
        });
        const gpu = this.#device.createComputePipeline({
          label,
          layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
          compute: { module, entryPoint: 'main', constants },
        });
        const bindings = Object.entries(shader.bindings).map(([name, { binding, access }]) => {
          return { name, binding, isUniform: access === 'uniform' };
        });
        return { shader, gpu, layout, id: this.#nextId++, bindings, params: Object.entries(shader.params) };
      },
    );
  }
}

/** One Params struct, from byte `at`. @returns the byte behind it */
export function writeParams(
  view: DataView,
  at: number,
  { params }: Pick<Pipeline, 'params'>,
  values: Readonly<Record<string, number>>,
): number {
  let next = at;
  for (const [name, type] of params) {
    if (type === 'f32') view.setFloat32(next, values[name], true);
    else if (type === 'i32') view.setInt32(next, values[name], true);
    else view.setUint32(next, values[name], true);
    next += 4;
  }
  return next;
}
