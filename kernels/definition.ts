// What an operation is: shapes and options in, launches out. Pure data and pure functions; no GPU, no Tensor.
// A room exports one `Operation`; engine/apply.ts interprets it, so no operation has code of its own in the engine.
import type { ParamsOf, Shader } from './shader.ts';

export type DType = 'float32' | 'float16' | 'int32' | 'uint32';

/** Logical shape, in PyTorch's dimension order: images `[n, c, h, w]`. */
export type Shape = readonly number[];

/**
 * How a tensor lies in memory: logical dimensions listed from the outermost to the innermost.
 * Channels-last images have order `[0, 2, 3, 1]`; row-major has `[0, 1, 2, …]`. Storage is always dense.
 */
export type Order = readonly number[];

/** A named order that a room asks for. `any` takes whatever comes; the engine converts for all others. */
export type Layout = 'any' | 'rowMajor' | 'channelsLast' | 'convWeight' | 'linearWeight';

export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly order: Order;
}

export type Specs = Readonly<Record<string, TensorSpec>>;

export interface InputSpec {
  /** Name in WGSL, in errors, in the reference. A variadic input `x` arrives as `x0`, `x1`, … */
  readonly name: string;
  readonly layout: Layout;
  /** Default `float32`, for which float16 is taken too. */
  readonly dtype?: DType;
  readonly optional?: boolean;
  readonly variadic?: boolean;
  /** False for labels, running statistics and masks: no gradient ever flows there. Default true. */
  readonly differentiable?: boolean;
  /** The operation writes into this input (running statistics, parameters in an optimizer). Default false. */
  readonly updated?: boolean;
}

/** What a room may know of the device when it chooses among its variants. */
export interface Capabilities {
  /** `cpu` for lavapipe and SwiftShader, whose costs differ from any GPU's (see the design notes on both). */
  readonly kind: 'gpu' | 'lavapipe' | 'swiftshader';
  /** Lanes per subgroup where that is one fixed number and the feature is enabled, else 0. */
  readonly subgroupSize: number;
  readonly shaderF16: boolean;
  readonly maxWorkgroupSize: number;
  readonly maxWorkgroupStorage: number;
  /** Largest storage binding, bytes. Larger tensors are cut; a few rooms choose another kernel for the pieces. */
  readonly bindingLimit: number;
}

export interface Problem<Options> {
  readonly inputs: Specs;
  readonly outputs: Specs;
  readonly options: Options;
  readonly device: Capabilities;
  /** Forces one of the operation's variants (tests, benches, the kernel laboratory). Undefined: the room chooses. */
  readonly variant?: string | undefined;
}

export interface Range {
  readonly start: number;
  readonly count: number;
}

/** A loop of a launch along which it may be cut when a tensor exceeds the binding limit. */
export interface Axis {
  /** Units of work along the axis. */
  readonly extent: number;
  /** Binding name to elements per unit: these bindings are cut with the axis; all others are bound whole. */
  readonly slices: Readonly<Record<string, number>>;
  /** Units of one launch at most, whatever fits the bindings: workgroups along z end at 65,535. Default: no limit. */
  readonly most?: number;
}

export type Ranges<A extends string> = Readonly<Record<A, Range>>;
export type Workgroups = readonly [x: number, y?: number, z?: number];

/** Workgroups that WebGPU allows along x, y and z each. */
export const MOST_WORKGROUPS = 65535;

/** Bound where an optional tensor was not given: a few bytes that the launch does not read. */
export const NOTHING = 'nothing';

/** One dispatch. Build it with `launch()`, which checks params and bindings against the shader's own declarations. */
export interface Launch {
  readonly shader: Shader;
  /** WGSL binding name to tensor name, where the two differ. */
  readonly bind: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, number>>;
  readonly axes: Readonly<Record<string, Axis>>;
  readonly params: (ranges: Ranges<string>) => Readonly<Record<string, number>>;
  readonly workgroups: (ranges: Ranges<string>) => Workgroups;
}

export interface Plan {
  /** Tensors that live for this plan only: name to length and dtype (default float32). */
  readonly scratch?: Readonly<Record<string, { length: number; dtype?: DType }>>;
  readonly launches: readonly Launch[];
}

export interface Variant {
  readonly name: string;
  /** The idea in one line, for `wgrad kernel list`. */
  readonly idea: string;
  /** Whether the adapter can run it; absent: every adapter can. */
  supported?(device: Capabilities): boolean;
}

export interface Operation<Options = unknown> {
  readonly name: string;
  readonly inputs: readonly InputSpec[];
  /**
   * What `y` is within `device.autocast`: float16 for products of many terms, float32 for losses and long sums. Absent:
   * as `result` says. Kernels compute in float32 in any case.
   */
  readonly autocast?: 'float16' | 'float32';
  /**
   * Whose dtype a floating-point `y` has: that of the `first` input (default), float16 only where all inputs are
   * (`promoted`, as PyTorch does for peers), or what `infer` says.
   */
  readonly result?: 'first' | 'promoted' | 'inferred';
  /** Faster forms of the same operation; the first is the simple one. Absent: there is one form only. */
  readonly variants?: readonly Variant[];
  /** All shaders of the room, for `wgrad kernel show` and for warm-up. */
  readonly shaders: readonly Shader[];
  /**
   * The door: checks shapes and options and describes the outputs. The first output is the differentiable one and is
   * called `y`; the others are saved for the backward pass or returned beside it.
   * @throws ShapeError
   */
  infer(inputs: Specs, options: Options): Specs;
  forward(problem: Problem<Options>): Plan;
  /** Names of inputs and outputs that `backward` reads, given the inputs whose gradient is wanted. Default: none. */
  saved?(wanted: ReadonlySet<string>, problem: Problem<Options>): readonly string[];
  /**
   * Launches that turn `dy` and the saved tensors into `d<input>` for each wanted input (`dx`, `dweight`, …), each with
   * the shape and order of its input. Nothing is launched for inputs that are not wanted.
   */
  backward?(problem: Problem<Options>, wanted: ReadonlySet<string>): Plan;
}

/** A launch whose params, bindings and overrides are type-checked against the shader's own declarations. */
export function launch<S extends Shader, A extends string = never>(
  shader: S,
  {
    bind = {},
    constants = {},
    axes = {} as Record<A, Axis>,
    params,
    workgroups,
  }: {
    bind?: Partial<Record<keyof S['bindings'] & string, string>>;
    constants?: Partial<Record<keyof S['overrides'] & string, number>>;
    axes?: Record<A, Axis>;
    params: ParamsOf<S> | ((ranges: Ranges<A>) => ParamsOf<S>);
    workgroups: Workgroups | ((ranges: Ranges<A>) => Workgroups);
  },
): Launch {
  return {
    shader,
    bind: bind as Record<string, string>,
    constants: constants as Record<string, number>,
    axes,
    params: typeof params === 'function' ? params : () => params,
    workgroups: typeof workgroups === 'function' ? workgroups : () => workgroups,
  };
}

/** Bytes of one element. */
export function elementBytes(dtype: DType): number {
  return dtype === 'float16' ? 2 : 4;
}

/** Bytes of a tensor: whole words, since WebGPU binds and copies nothing smaller. */
export function bytesOf({ shape, dtype }: Pick<TensorSpec, 'shape' | 'dtype'>): number {
  return Math.ceil((sizeOf(shape) * elementBytes(dtype)) / 4) * 4;
}

/** Elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/**
 * Workgroups for `threads` invocations in a flat index space. WebGPU allows 65,535 workgroups a dimension, so the
 * count folds into y; kernels compute `(wid.y * num_workgroups.x + wid.x) * WORKGROUP_SIZE + lid` and test the end.
 */
export function flatGrid(threads: number, workgroupSize: number): Workgroups {
  const groups = Math.max(1, Math.ceil(threads / workgroupSize));
  const x = Math.min(groups, MOST_WORKGROUPS);
  return [x, Math.ceil(groups / x)];
}

/** The dense order a layout stands for. `any` means the default of that rank: channels-last for rank 4. */
export function orderOf(layout: Layout, rank: number): Order {
  if (layout === 'convWeight') return [2, 3, 1, 0]; // [kh, kw, in, out]: lanes read along the output channels
  if (layout === 'linearWeight') return [1, 0]; // [in, out], for the same reason
  if (layout === 'rowMajor' || rank !== 4) return Array.from({ length: rank }, (_, dimension) => dimension);
  return [0, 2, 3, 1];
}

/** Element strides of each logical dimension. */
export function stridesOf({ shape, order }: Pick<TensorSpec, 'shape' | 'order'>): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (const dimension of [...order].reverse()) {
    strides[dimension] = stride;
    stride *= shape[dimension];
  }
  return strides;
}

export function sameOrder(a: Order, b: Order): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}

/** A spec in the default order of its rank. */
export function spec(shape: Shape, dtype: DType = 'float32', layout: Layout = 'any'): TensorSpec {
  return { shape, dtype, order: orderOf(layout, shape.length) };
}
