// Shaders to pipelines with explicit layouts, and bind groups by what they bind; both made once and kept.
import { type HalfForm, withHalfStorage } from '../kernels/halfStorage.ts';
import type { Scalar, Shader } from '../kernels/shader.ts';
import type { ErrorWatch } from './errorWatch.ts';
import { shaderErrors } from './shaderErrors.ts';

/** Bytes of one Params struct; also WebGPU's default alignment of dynamic uniform offsets. */
export const PARAMS_BYTES = 256;

/** What a pipeline was asked for with. */
interface Source {
  readonly shader: Shader;
  readonly constants: Readonly<Record<string, number>>;
  readonly halves: readonly string[];
}

export interface Pipeline {
  readonly shader: Shader;
  readonly source: Source;
  /** Not there yet while `inParallel` runs. */
  gpu: GPUComputePipeline;
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
  /** Never dispatched. */
  readonly #cold = new Set<Pipeline>();
  /** Pipelines that are being made, while the function given to `inParallel` runs. */
  #making: Promise<void>[] | undefined;
  /** Those that are not made yet. */
  readonly #unmade = new Map<Pipeline, GPUComputePipelineDescriptor>();
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
      pipeline = this.#compile({ shader, constants, halves });
      byConstants.set(key, pipeline);
      this.#cold.add(pipeline);
    }
    if (this.#unmade.size && !this.#making) this.#makeNow(pipeline);
    return pipeline;
  }

  /** Whether it was never dispatched: software adapters compile then. */
  isCold(pipeline: Pipeline): boolean {
    return this.#cold.has(pipeline);
  }

  /** It is about to be dispatched. */
  runs(pipeline: Pipeline): void {
    this.#cold.delete(pipeline);
  }

  /** Runs `fn`, which dispatches nothing, and waits until all pipelines that it asked for are made, at the same time. */
  async inParallel<T>(fn: () => T): Promise<T> {
    const making: Promise<void>[] = [];
    this.#making = making;
    let result: T;
    try {
      result = fn();
    } finally {
      this.#making = undefined;
      await Promise.all(making);
    }
    return result;
  }

  /** `ranges` in the order of `shader.bindings`, the params uniform included. */
  bindGroup(pipeline: Pipeline, ranges: readonly BufferRange[], what: () => string): GPUBindGroup {
    let key = `${pipeline.id}`;
    for (const { buffer, offset, size } of ranges) key += `|${this.#idOf(buffer)}:${offset}:${size}`;
    let group = this.#bindGroups.get(key);
    if (!group) {
      const { bindings } = pipeline;
      this.runs(pipeline);
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

  #compile(source: Source): Pipeline {
    const { halves, constants } = source;
    const shader = halves.length ? withHalfStorage(source.shader, halves, this.halfForm) : source.shader;
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
        const description = {
          label,
          layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
          compute: { module, entryPoint: 'main', constants },
        };
        const bindings = Object.entries(shader.bindings).map(([name, { binding, access }]) => {
          return { name, binding, isUniform: access === 'uniform' };
        });
        const params = Object.entries(shader.params);
        const made = { shader, source, layout, id: this.#nextId++, bindings, params };
        if (!this.#making) return { ...made, gpu: this.#device.createComputePipeline(description) };
        const pipeline: Pipeline = { ...made, gpu: undefined as unknown as GPUComputePipeline };
        this.#unmade.set(pipeline, description);
        this.#making.push(this.#makeLater(pipeline, description));
        return pipeline;
      },
    );
  }

  async #makeLater(pipeline: Pipeline, description: GPUComputePipelineDescriptor): Promise<void> {
    try {
      const gpu = await this.#device.createComputePipelineAsync(description);
      if (this.#unmade.delete(pipeline)) pipeline.gpu = gpu;
    } catch {
      this.#makeNow(pipeline); // its error then comes as always
    }
  }

  /** For those who cannot wait. */
  #makeNow(pipeline: Pipeline): void {
    const description = this.#unmade.get(pipeline);
    if (!description) return;
    this.#unmade.delete(pipeline);
    pipeline.gpu = this.#watch.run(
      () => pipeline.shader.label,
      () => this.#device.createComputePipeline(description),
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
