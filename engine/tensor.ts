// A tensor: a logical shape over a piece of GPU memory, and its place in the autograd graph.
import type { DType, Order, Shape, TensorSpec } from '../kernels/definition.ts';
import { bytesOf, sizeOf } from '../kernels/definition.ts';
import { DisposedError, ShapeError } from '../kernels/errors.ts';
import { show } from '../kernels/rank.ts';
import { type BackwardOptions, backward, type GraphNode } from './autograd.ts';
import type { Device } from './device.ts';
import * as activation from './functional/activation.ts';
import * as arithmetic from './functional/arithmetic.ts';
import { cast } from './functional/cast.ts';
import { matmul } from './functional/linear.ts';
import * as reduction from './functional/reduction.ts';
import { flatten, permute, reshape, transpose } from './functional/shape.ts';
import { onHost } from './hostMemory.ts';
import { isFloat } from './precision.ts';
import type { ShapeWatcher } from './shapeTensor.ts';
import type { Storage } from './storage.ts';
import { fromWords } from './values.ts';

/** What it returns replaces the gradient; undefined keeps it. */
export type GradientHook = (gradient: Tensor) => Tensor | undefined;
export type NestedArray = number | NestedArray[];

/**
 * An array on a device, with a logical shape in PyTorch's order and a place in the graph of gradients. Made by
 * `device.tensor`, by operations and by modules; freed with the scope that owns it.
 */
export class Tensor implements TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Physical order of the logical dimensions, outermost first. */
  readonly order: Order;
  /** @internal The operation that made it; null for leaves. */
  node: GraphNode | null = null;
  /** @internal Where an optimizer wants the gradient to be written: its slice of the gradient arena. */
  gradSlot: { storage: Storage; byteOffset: number } | null = null;
  /** @internal Has no device and never will: operations on it find shapes only (shapeTensor.ts). */
  isShapeOnly = false;
  /** @internal Who is told of the operations on it, where it is only a shape. */
  watcher: ShapeWatcher | null = null;
  /** @internal */
  readonly hooks: GradientHook[] = [];
  #device: Device | undefined;
  #storage: Storage | undefined;
  #byteOffset: number;
  #requiresGrad = false;
  #grad: Tensor | null = null;
  #disposed = false;

  /** Made by `device.tensor`, by operations, and by modules; not by users. */
  constructor(device: Device | undefined, { shape, dtype, order }: TensorSpec, storage?: Storage, byteOffset = 0) {
    this.shape = shape;
    this.dtype = dtype;
    this.order = order;
    this.#device = device;
    this.#storage = storage;
    this.#byteOffset = byteOffset;
    device?.adopt(this);
  }

  get device(): Device {
    if (!this.#device)
      throw new DisposedError(
        `a parameter of shape ${show(this.shape)} has no device yet: call model.to(device) first`,
      );
    return this.#device;
  }

  /** @internal */
  get storage(): Storage {
    if (this.#disposed) throw new DisposedError(`a tensor of shape ${show(this.shape)} was used after it was disposed`);
    if (!this.#storage) {
      throw new DisposedError(
        `a parameter of shape ${show(this.shape)} has no memory yet: call model.to(device) first`,
      );
    }
    return this.#storage;
  }

  /** @internal Bytes from the start of its storage. */
  get byteOffset(): number {
    return this.#byteOffset;
  }

  /** Whether it has memory on a device (parameters get theirs from `module.to(device)`). */
  get isPlaced(): boolean {
    return this.#storage !== undefined && !this.#disposed;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  /** Elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether gradients are computed for it. True for parameters; settable on leaves; true for results that depend on one. */
  get requiresGrad(): boolean {
    return this.#requiresGrad || this.node !== null;
  }

  set requiresGrad(value: boolean) {
    if (this.node && !value)
      throw new ShapeError('requiresGrad can be cleared on leaves only; use detach() for a result');
    if (value && !isFloat(this.dtype))
      throw new ShapeError(`requiresGrad: only float32 and float16 tensors have gradients, this one is ${this.dtype}`);
    this.#requiresGrad = value;
  }

  /**
   * The gradient, summed over calls of `backward()` until it is set to null. It belongs to this tensor: another in its
   * place, or null, frees it, and scopes leave it alone. With an optimizer its memory is written again by the first
   * `backward()` after that; `grad.mul(1)` is a copy to keep.
   * @throws ShapeError when set to a tensor of another shape or dtype
   */
  get grad(): Tensor | null {
    return this.#grad;
  }

  set grad(grad: Tensor | null) {
    if (!grad) this.#device?.recorder.tape?.clears(this);
    if (grad === this.#grad) return;
    if (grad && (grad.dtype !== this.dtype || show(grad.shape) !== show(this.shape))) {
      throw new ShapeError(
        `grad: a ${this.dtype} tensor of shape ${show(this.shape)} cannot have a ${grad.dtype} gradient of shape ${show(grad.shape)}`,
      );
    }
    this.#grad?.dispose();
    this.#grad = grad ? grad.device.keep(grad) : null;
  }

  /**
   * Its memory on the GPU, for pipelines and copies of the application that shares the `GPUDevice`: values in `order`,
   * outermost first, packed (a map is channels-last). What was recorded so far is submitted first, so what the
   * application submits from now on finds them. To be read only, and until the tensor is disposed.
   */
  binding(): Required<GPUBufferBinding> {
    const { buffer } = this.storage;
    this.device.recorder.flush();
    return { buffer, offset: this.byteOffset, size: bytesOf(this) };
  }

  /** Values in logical row-major order; those of float16 as float32. Waits for the GPU. */
  async data(): Promise<Float32Array | Uint32Array | Int32Array> {
    const words = await this.device.download(this);
    return onHost({ bytes: words.byteLength, what: 'read', shape: this.shape, dtype: this.dtype }, () =>
      fromWords(words, this),
    );
  }

  /** The value of a tensor with one element. Waits for the GPU. @throws ShapeError for any other size */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(`item: needs a tensor with one element, this one has shape ${show(this.shape)}`);
    return (await this.data())[0];
  }

  /** Values as nested arrays of the logical shape. Waits for the GPU. */
  async array(): Promise<NestedArray> {
    const values = await this.data();
    const nest = (dimension: number, start: number, size: number): NestedArray => {
      if (dimension === this.shape.length) return values[start];
      const step = size / this.shape[dimension];
      return Array.from({ length: this.shape[dimension] }, (_, i) => nest(dimension + 1, start + i * step, step));
    };
    return nest(0, 0, this.size);
  }

  /** Overwrites the values, given in logical row-major order. The graph does not see it. */
  write(values: ArrayLike<number>): void {
    if (values.length !== this.size)
      throw new ShapeError(`write: ${values.length} values given for shape ${show(this.shape)}`);
    this.device.upload(this, values);
  }

  /**
   * Computes the gradient of this tensor with respect to every leaf that requires one, adding into their `grad`.
   * @param gradient the gradient of some scalar with respect to this tensor; default 1, for scalars only
   * @throws AutogradError when there is no graph, or it was already used
   */
  backward(gradient?: Tensor, options?: BackwardOptions): void {
    backward(this, gradient, options);
  }

  /** The same values outside the graph, sharing memory. */
  detach(): Tensor {
    if (this.isShapeOnly) return this;
    return new Tensor(this.device, this, this.storage.retain(), this.#byteOffset);
  }

  /** The same values as float16 or float32, or itself where it is that already. Differentiable. */
  to(dtype: 'float16' | 'float32'): Tensor {
    return cast(this, dtype);
  }

  /** Calls `hook` with the gradient when it is known; what it returns replaces the gradient. Returns a remover. */
  registerHook(hook: GradientHook): () => void {
    this.hooks.push(hook);
    return () => {
      const index = this.hooks.indexOf(hook);
      if (index >= 0) this.hooks.splice(index, 1);
    };
  }

  /** Keeps `grad` on a result too (leaves keep theirs anyway), summed over calls of `backward()` in the same way. */
  retainGrad(): void {
    if (!this.node) return;
    this.registerHook((gradient) => {
      if (!this.#disposed) this.grad = this.grad ? this.grad.add(gradient) : gradient.detach();
      return undefined;
    });
  }

  // Operations as methods; each is the function of the same name, whose documentation has shapes and errors.
  /** `this + other`, which broadcasts. */
  add(other: Tensor | number): Tensor {
    return arithmetic.add(this, other);
  }
  /** `this - other`, which broadcasts. */
  sub(other: Tensor | number): Tensor {
    return arithmetic.sub(this, other);
  }
  /** `this * other`, element by element; `other` broadcasts. */
  mul(other: Tensor | number): Tensor {
    return arithmetic.mul(this, other);
  }
  /** `this / other`, which broadcasts. */
  div(other: Tensor | number): Tensor {
    return arithmetic.div(this, other);
  }
  /** The matrix product. */
  matmul(other: Tensor): Tensor {
    return matmul(this, other);
  }
  /** max(x, 0). */
  relu(): Tensor {
    return activation.relu(this);
  }
  /** 1 / (1 + exp(-x)). */
  sigmoid(): Tensor {
    return activation.sigmoid(this);
  }
  /** The hyperbolic tangent. */
  tanh(): Tensor {
    return activation.tanh(this);
  }
  /** exp(x) / sum of exp(x) along `dim`. */
  softmax(dim: number): Tensor {
    return reduction.softmax(this, dim);
  }
  /** log(softmax(x)) along `dim`. */
  logSoftmax(dim: number): Tensor {
    return reduction.logSoftmax(this, dim);
  }
  /** The sum over one dimension or several; default all. */
  sum(dim?: reduction.Dims, options?: reduction.KeepDim): Tensor {
    return reduction.sum(this, dim, options);
  }
  /** The mean over one dimension or several; default all. */
  mean(dim?: reduction.Dims, options?: reduction.KeepDim): Tensor {
    return reduction.mean(this, dim, options);
  }
  /** Where the largest value along `dim` lies, uint32; default of all. No gradient. */
  argmax(dim?: number, options?: reduction.KeepDim): Tensor {
    return reduction.argmax(this, dim, options);
  }
  /** The same elements under another shape, of which one extent may be -1. */
  reshape(newShape: Shape): Tensor {
    return reshape(this, newShape);
  }
  /** Merges the dimensions `startDim` (default 0) to `endDim` (default the last). */
  flatten(startDim?: number, endDim?: number): Tensor {
    return flatten(this, startDim, endDim);
  }
  /** Dimensions in another order; never copies. */
  permute(dims: readonly number[]): Tensor {
    return permute(this, dims);
  }
  /** Exchanges two dimensions; never copies. */
  transpose(dim0: number, dim1: number): Tensor {
    return transpose(this, dim0, dim1);
  }

  /** @internal Forgets what it was made from. */
  leaveGraph(): void {
    this.node?.release();
    this.node = null;
  }

  /** Gives the memory back. Scopes do this; call it only for tensors made outside any scope. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#device?.disown(this);
    this.node?.release();
    this.#storage?.release();
    this.#grad?.dispose();
  }

  /** @internal Gives a parameter its memory, or moves it into an optimizer's arena. */
  place(device: Device, storage: Storage, byteOffset = 0): void {
    device.recorder.tape?.refuse('parameters get their memory in the step; make models and optimizers before');
    if (this.#storage) this.#storage.release();
    else {
      device.adopt(this);
      device.keep(this);
    }
    this.#device = device;
    this.#storage = storage;
    this.#byteOffset = byteOffset;
  }

  /** @internal Takes memory, gradient and device away, as before `place`: the device was lost. */
  displace(): void {
    if (!this.#storage || this.#disposed) return;
    this.grad = null;
    this.gradSlot = null;
    this.#device?.disown(this);
    this.#storage.release();
    this.#device = undefined;
    this.#storage = undefined;
    this.#byteOffset = 0;
  }
}
