// The device: everything that has state on the GPU side hangs here. Buffers, recorded work, scopes, seeds.
import type { Capabilities, DType, Layout, Shape, TensorSpec } from '../kernels/definition.ts';
import { bytesOf, orderOf, sizeOf } from '../kernels/definition.ts';
import { AdapterError, type MemoryRequest, type MemoryUse, ShapeError } from '../kernels/errors.ts';
import type { HalfForm } from '../kernels/halfStorage.ts';
import { show } from '../kernels/rank.ts';
import { capabilitiesOf } from './capabilities.ts';
import { capture } from './capture/capture.ts';
import type { CapturedStep } from './capture/captured.ts';
import { warmUp } from './capture/warmUp.ts';
import { ErrorWatch } from './errorWatch.ts';
import { onHost } from './hostMemory.ts';
import { LiveMemory } from './liveMemory.ts';
import { memoryUse, outOfMemory } from './memoryReport.ts';
import type { AnyModule } from './nn/module.ts';
import { Pipelines } from './pipelines.ts';
import { BufferPool } from './pool.ts';
import { RandomState } from './randomState.ts';
import { ReadBuffers } from './readBuffers.ts';
import { Recorder } from './recorder.ts';
import { Scope } from './scope.ts';
import { Storage } from './storage.ts';
import { synchronous } from './synchronous.ts';
import { Tensor } from './tensor.ts';
import { tensorsIn } from './tensorsIn.ts';
import type { Tuner } from './tune/tuner.ts';
import { toWords, type Values } from './values.ts';

export interface DeviceOptions {
  kind: Capabilities['kind'];
  /** Human name of the adapter, for reports. */
  adapterName: string;
  /** Largest storage binding, bytes. Default: the device's own limit. Lower values exercise the splitting of tensors. */
  bindingLimit?: number;
  /** Free buffers kept for reuse, bytes. Default 1 GiB. */
  poolBytes?: number;
  /**
   * Most bytes of buffers, those kept for reuse included, which go first; beyond it OutOfMemoryError is thrown by the
   * operation that asks. Default: what the GPU has; in Node, adapters that compute on the processor never take more than
   * 80 % of the machine's or the container's memory, for the system would end the process instead of refusing. Beside
   * it come what reads are copied through and the engine's own 300 KB.
   */
  memoryLimit?: number;
  /** Submits after every operation, so that an error names exactly one. Default false. */
  debug?: boolean;
  /**
   * How float16 tensors are stored. Default: natively on GPUs with `shader-f16`, else packed, two in a 32-bit word
   * (emulated halves are slow on software adapters).
   */
  halfForm?: HalfForm;
  /** Seed of dropout and of random fills. Default 0. */
  seed?: number;
  /** Held as long as the device: Dawn in Node delivers no events once its instance was collected. */
  instance?: unknown;
}

export interface MemoryReport {
  /** Tensors not yet disposed. */
  tensors: number;
  /** Bytes of buffers in use by tensors and saved graph nodes. */
  bytes: number;
  peakBytes: number;
  /** Buffers alive on the GPU, free pooled ones included, and their bytes. */
  buffers: number;
  reservedBytes: number;
}

/** A WebGPU device with wgrad's memory and execution. Make one with `createDevice()`. */
export class Device {
  readonly gpu: GPUDevice;
  readonly adapterName: string;
  readonly capabilities: Capabilities;
  readonly bindingLimit: number;
  readonly debug: boolean;
  readonly random: RandomState;
  readonly errors: ErrorWatch;
  readonly pipelines: Pipelines;
  readonly recorder: Recorder;
  /** What `NOTHING` binds. */
  readonly nothing: GPUBuffer;
  /** False inside `noGrad`. */
  gradEnabled = true;
  /** @internal Whether a forward pass is repeated for its gradients: it updates no running statistics. */
  isRecomputing = false;
  /** True inside `autocast`. */
  autocastEnabled = false;
  /** Chooses kernels by measurement; null: every room chooses by itself. See `createDevice({ tuning })`. */
  tuner: Tuner | null = null;
  readonly instance: unknown;
  /** @internal The module that runs, or whose backward pass does: it answers for what is allocated. */
  layer: AnyModule | null = null;
  /** @internal Another device on the same software driver, which compiles beside this one. */
  makeHelper: (() => Promise<Device>) | undefined;
  /** @internal How the thread waits for promises of the GPU. */
  waitFor: <T>(promise: Promise<T>) => Promise<T> = (promise) => promise;
  readonly #pool: BufferPool;
  readonly #readBuffers: ReadBuffers;
  readonly #live = new LiveMemory();
  /** What the host did for work that may yet be dropped. */
  readonly #undo: { at: number; undo: () => void }[] = [];
  readonly #models = new Set<WeakRef<AnyModule>>();
  readonly #scopes: Scope[] = [];
  #tensors = 0;
  #nodes = 0;

  constructor(gpu: GPUDevice, options: DeviceOptions) {
    const {
      kind,
      adapterName,
      bindingLimit = Infinity,
      poolBytes = 2 ** 30,
      memoryLimit = Infinity,
      debug = false,
      seed = 0,
      instance,
      halfForm = kind === 'gpu' && gpu.features.has('shader-f16') ? 'native' : 'packed',
    } = options;
    if (halfForm === 'native' && !gpu.features.has('shader-f16')) {
      throw new AdapterError(
        `createDevice: halfForm 'native' needs the feature shader-f16, which ${adapterName} lacks; use 'packed'`,
      );
    }
    checkLimit(memoryLimit);
    this.gpu = gpu;
    this.adapterName = adapterName;
    this.debug = debug;
    this.instance = instance;
    this.bindingLimit = Math.min(bindingLimit, gpu.limits.maxStorageBufferBindingSize);
    this.capabilities = capabilitiesOf(gpu, kind, this.bindingLimit);
    this.random = new RandomState(seed);
    this.errors = new ErrorWatch(gpu);
    this.pipelines = new Pipelines(gpu, this.errors, { halfForm });
    this.recorder = new Recorder(gpu, this.pipelines, this.errors);
    this.#readBuffers = new ReadBuffers(gpu, this.errors);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    this.nothing = gpu.createBuffer({ label: 'nothing', size: 256, usage });
    this.#pool = new BufferPool(
      {
        create: (size, request) => this.makeBuffer({ size, usage }, request, (buffer) => this.#pool.lacks(buffer)),
        destroy: (buffer) => {
          this.recorder.flush();
          this.pipelines.forget(buffer);
          this.errors.destroy(buffer);
        },
        refusal: (request, reason) => outOfMemory(request, reason, this.memoryUse()),
      },
      { maxBufferSize: gpu.limits.maxBufferSize, cap: poolBytes, limit: memoryLimit },
    );
  }

  /**
   * A tensor from values in logical row-major order.
   * @param shape default: one dimension, the number of values
   * @param options `dtype`: default that of a Uint32Array or Int32Array, float32 for everything else; `layout`: default
   *   channels-last for rank 4, row-major for all others
   * @throws ShapeError when values and shape disagree
   */
  tensor(
    values: Values,
    shape: Shape = [values.length],
    { dtype = dtypeOf(values), layout = 'any' }: { dtype?: DType; layout?: Layout } = {},
  ): Tensor {
    if (values.length !== sizeOf(shape)) {
      throw new ShapeError(
        `tensor: ${values.length} values given for shape ${show(shape)}, which holds ${sizeOf(shape)}`,
      );
    }
    const tensor = this.empty(shape, { dtype, layout });
    try {
      tensor.write(values);
    } catch (error) {
      tensor.dispose();
      throw error;
    }
    return tensor;
  }

  /**
   * A tensor whose contents are undefined until something writes them.
   * @throws ShapeError for extents that are no whole numbers from 0
   */
  empty(shape: Shape, { dtype = 'float32', layout = 'any' }: { dtype?: DType; layout?: Layout } = {}): Tensor {
    if (!shape.every((extent) => Number.isInteger(extent) && extent >= 0)) {
      throw new ShapeError(`tensor: every extent must be a whole number from 0, given shape ${show(shape)}`);
    }
    const spec = { shape: [...shape], dtype, order: orderOf(layout, shape.length) };
    return new Tensor(this, spec, this.allocate(spec, 'tensor'));
  }

  /** Memory for a tensor. @throws OutOfMemoryError */
  allocate(spec: Pick<TensorSpec, 'shape' | 'dtype'>, what: string): Storage {
    const bytes = Math.max(4, bytesOf(spec));
    const { shape, dtype } = spec;
    const { tape } = this.recorder;
    return tape ? tape.allocate({ bytes, what, shape, dtype }) : this.allocateBytes({ bytes, what, shape, dtype });
  }

  /** @internal A buffer of its own, at once. @throws OutOfMemoryError */
  allocateBytes(request: MemoryRequest): Storage {
    this.errors.check();
    return new Storage(this.#pool, this.#live, request, this);
  }

  /** Opens a scope: `using step = device.scope()`. Tensors made until it closes are freed with it. */
  scope(): Scope {
    const scope = new Scope((closing) => {
      const index = this.#scopes.indexOf(closing);
      if (index >= 0) this.#scopes.splice(index, 1);
    });
    this.#scopes.push(scope);
    return scope;
  }

  /**
   * Runs `fn` in a scope and hands the tensors it returns (alone, in arrays, in plain objects) to the outer one.
   * Those that were there before keep their owner. @throws TypeError when `fn` is asynchronous
   */
  tidy<T>(fn: () => T): T {
    const scope = this.scope();
    try {
      const result = synchronous('tidy', fn(), 'use `using scope = device.scope()`');
      const outer = this.#scopes[this.#scopes.indexOf(scope) - 1];
      for (const tensor of tensorsIn(result)) if (scope.giveUp(tensor)) outer?.own(tensor);
      return result;
    } finally {
      scope[Symbol.dispose]();
    }
  }

  /** Runs `fn` without recording gradients. @throws TypeError when `fn` is asynchronous: it would run on after the end */
  noGrad<T>(fn: () => T): T {
    const before = this.gradEnabled;
    this.gradEnabled = false;
    try {
      return synchronous('noGrad', fn(), 'read the result outside');
    } finally {
      this.gradEnabled = before;
    }
  }

  /**
   * Runs `fn` with float16 results wherever that is safe, as `torch.autocast` does: convolutions, linear layers and
   * matrix products store halves, what follows keeps them, losses, softmax and sums are float32. Sums are float32 in
   * all kernels, and parameters stay so; they are read as they are, not rounded first as PyTorch does. Backward passes
   * follow by themselves; train with a `GradScaler`, since small gradients are lost in float16.
   * @throws TypeError when `fn` is asynchronous
   * @see https://pytorch.org/docs/stable/amp.html
   */
  autocast<T>(fn: () => T): T {
    const before = this.autocastEnabled;
    this.autocastEnabled = true;
    try {
      return synchronous('autocast', fn(), 'read the result outside');
    } finally {
      this.autocastEnabled = before;
    }
  }

  /**
   * Runs `fn`, a whole step (forward, backward, optimizer), and records it, so that `replay()` does it again at a
   * fraction of the host's time and of the memory: temporaries share buffers as soon as nobody reads them any more,
   * pipelines and bind groups are settled, everything is one submission. The call itself is the first step; replays
   * equal eager steps bit for bit.
   *
   *     const x = device.empty([64, 1, 28, 28]); // written before each step
   *     const labels = device.empty([64], { dtype: 'uint32' });
   *     const step = device.capture(() => {
   *       const loss = crossEntropy(model.call(x), labels);
   *       optimizer.zeroGrad();
   *       loss.backward();
   *       optimizer.step();
   *       return loss;
   *     });
   *     scheduler.step();
   *     x.write(images); // then labels.write(…)
   *     step.replay();
   *     await step.result.item();
   *
   * Live, that is read anew by each replay: the numbers in an optimizer's `paramGroups`, step counts, the seed and
   * counter of everything random, `numBatchesTracked`. JavaScript in `fn` runs once: put what belongs to every step
   * (a scheduler's `step()`) after it, or into `eachStep`. Other numbers are recorded as they are. Modes of modules,
   * `requiresGrad`, hooks and the memory of tensors must stay as they are: `stale` says what changed.
   * @throws CaptureError, as if it had not been called but for cleared gradients: `fn` uploads or reads values, a hook is
   *   registered, gradients are added to without `zeroGrad()`, a number of an optimizer changes in it, a profiler is
   *   attached, `debug` is on
   * @throws TypeError when `fn` is asynchronous
   */
  capture<Result>(fn: () => Result): CapturedStep<Result> {
    return capture(this, fn);
  }

  /**
   * Compiles all that `fn`, a step or an inference, will run, so that its first run does not wait for one pipeline after
   * the other: GPUs' drivers make them at the same time, software adapters on two threads. `fn` runs once without
   * reaching the GPU and leaves nothing behind but cleared gradients and the memory of an optimizer's states; what it may
   * do is what `capture` allows.
   * @returns how many pipelines were made ready; those that ran before are
   * @throws CaptureError as `capture`; what is wrong with a shader comes with the next read, as always
   */
  warmUp(fn: () => unknown): Promise<number> {
    return warmUp(this, fn);
  }

  /**
   * Runs `effect`: once, but within `capture` also at every replay. For what JavaScript counts from step to step.
   * @param undo takes one run back, for a step that could not be taken
   */
  eachStep(effect: () => void, undo: () => void): void {
    effect();
    const { tape } = this.recorder;
    if (tape) tape.effects.push({ run: effect, undo });
    else this.ifDropped(undo);
  }

  /** @internal Calls `undo` where the GPU turns out to have dropped the work of now, for want of memory. */
  ifDropped(undo: () => void): void {
    if (this.errors.isCertain) this.#undo.length = 0;
    else this.#undo.push({ at: this.errors.now, undo });
  }

  /** Seeds everything random on this device: dropout and random fills that follow. */
  manualSeed(seed: number): void {
    this.random.seed = seed >>> 0;
    this.random.counter = 0;
  }

  /** Waits until all work is done. @throws what went wrong on the GPU meanwhile */
  async idle(): Promise<void> {
    this.recorder.flush();
    await this.submitted();
    await this.errors.settle();
  }

  /** Resolves when what was submitted so far is done, whatever came of it. */
  submitted(): Promise<undefined> {
    return this.waitFor(this.gpu.queue.onSubmittedWorkDone());
  }

  /** What lives on the GPU now, and its peak so far. */
  memory(): MemoryReport {
    const { bytes, peakBytes } = this.#live;
    return {
      tensors: this.#tensors,
      bytes,
      peakBytes,
      buffers: this.#pool.buffers,
      reservedBytes: this.#pool.reservedBytes,
    };
  }

  /**
   * Who holds the memory in use: by module and layer, for models that were given memory by `model.to(device)`, and by
   * operation. What an OutOfMemoryError has as `live`.
   */
  memoryUse(): MemoryUse {
    return this.#useBefore(Infinity);
  }

  /** What was made before that time of the watch. */
  #useBefore(time: number): MemoryUse {
    const models = [...this.#models].flatMap((reference) => reference.deref() ?? []);
    return memoryUse({
      live: [...this.#live].filter(({ at }) => at < time),
      idleBytes: this.#pool.idleBytes,
      models: models.filter((model) => model.parameters().some(({ isPlaced }) => isPlaced)),
    });
  }

  /** Most bytes of buffers; see `createDevice({ memoryLimit })`. May be set at any time, for all that is asked for then. */
  get memoryLimit(): number {
    return this.#pool.limit;
  }

  set memoryLimit(bytes: number) {
    checkLimit(bytes);
    this.#pool.limit = bytes;
  }

  /** Gives free pooled buffers back to the driver. */
  trimMemory(): void {
    this.#pool.trim();
  }

  /** Ends the device; every later use throws DeviceLostError. */
  destroy(): void {
    this.gpu.destroy();
  }

  /** @internal Called by Tensor. */
  adopt(tensor: Tensor): void {
    this.#tensors++;
    this.recorder.tape?.makes(tensor);
    this.#scopes.at(-1)?.own(tensor);
  }

  /** @internal Called by Tensor. */
  disown(tensor: Tensor): void {
    this.#tensors--;
    for (const scope of this.#scopes) scope.keep(tensor);
  }

  /** Takes a tensor out of every scope: its owner (a module, an optimizer, a caller) frees it. */
  keep<T extends Tensor>(tensor: T): T {
    for (const scope of this.#scopes) scope.keep(tensor);
    return tensor;
  }

  /** @internal Its modules name layers in memory reports, as long as somebody holds it. */
  knows(model: AnyModule): void {
    for (const reference of this.#models) {
      const known = reference.deref();
      if (known === model) return;
      if (!known) this.#models.delete(reference);
    }
    this.#models.add(new WeakRef(model));
  }

  /** @internal Order of graph nodes. */
  nextNode(): number {
    return ++this.#nodes;
  }

  /** @internal Bytes of a tensor to the GPU, in its physical order, after all work recorded so far. */
  upload(tensor: Tensor, values: Values): void {
    this.recorder.tape?.refuse(
      `${show(tensor.shape)} values come from JavaScript; make or write the tensor before the step`,
    );
    this.recorder.flush();
    const request = requestOf(tensor, 'upload');
    const physical = onHost(request, () => toWords(values, tensor));
    this.errors.run(
      () => `upload of ${show(tensor.shape)}`,
      () =>
        this.gpu.queue.writeBuffer(
          tensor.storage.buffer,
          tensor.byteOffset,
          physical.buffer,
          physical.byteOffset,
          physical.byteLength,
        ),
      (reason) => outOfMemory(request, reason, this.memoryUse()),
    );
  }

  /** @internal Bytes of a tensor, in its physical order. */
  async download(tensor: Tensor): Promise<ArrayBuffer> {
    this.recorder.tape?.refuse(`a tensor of shape ${show(tensor.shape)} is read in the step; read it after`);
    const size = bytesOf(tensor);
    if (size === 0) return new ArrayBuffer(0);
    const request = requestOf(tensor, 'read');
    const source = { buffer: tensor.storage.buffer, offset: tensor.byteOffset, size };
    const staging = this.#readBuffers.acquire(size, {
      before: () => this.recorder.flush(), // what was recorded runs, whether this buffer is there or not
      what: () => `read of ${show(tensor.shape)}`,
      outOfMemory: (reason) => {
        this.trimMemory();
        return outOfMemory(request, reason, this.memoryUse());
      },
    });
    let isMapped = false;
    try {
      this.recorder.copy(source, { buffer: staging, offset: 0 });
      this.recorder.flush();
      const mapping = this.errors.run(
        () => `read of ${show(tensor.shape)}`,
        () => staging.mapAsync(GPUMapMode.READ),
      );
      const mapped = this.waitFor(mapping).then(
        () => {
          isMapped = true;
        },
        () => {},
      );
      await Promise.all([mapped, this.errors.settle()]);
      if (!isMapped) throw await this.errors.unmapped(`read of ${show(tensor.shape)}`);
      return onHost(request, () => staging.getMappedRange().slice(0));
    } finally {
      if (isMapped) this.#readBuffers.release(staging);
      else staging.destroy();
    }
  }

  /**
   * @internal A buffer, to be destroyed by `errors.destroy`.
   * @param missing called when it turns out that there is no memory for it
   */
  makeBuffer(descriptor: GPUBufferDescriptor, request: MemoryRequest, missing: (buffer: GPUBuffer) => void): GPUBuffer {
    const { recorder, errors } = this;
    // if this buffer is missing, all that is submitted with it and after it is dropped: no need to lose more
    if (errors.isCertain || recorder.isEmpty) recorder.flush();
    const last = recorder.submittedAt;
    const now = errors.now + 1;
    return errors.buffer(
      () => onHost(request, () => this.gpu.createBuffer(descriptor)),
      (buffer, reason) => {
        const failure = outOfMemory(request, reason, this.#useBefore(now));
        while (this.#undo.length && this.#undo.at(-1)!.at >= last) this.#undo.pop()!.undo();
        this.#live.voidFrom(last, failure);
        missing(buffer);
        return failure;
      },
    );
  }
}

/** @throws ShapeError unless it is a number of bytes */
function checkLimit(bytes: number): void {
  if (bytes > 0) return;
  throw new ShapeError(`memoryLimit: must be a number of bytes above 0, or Infinity for none, given ${bytes}`);
}

function requestOf({ shape, dtype }: TensorSpec, what: string): MemoryRequest {
  return { bytes: bytesOf({ shape, dtype }), what, shape, dtype };
}

function dtypeOf(values: Values): DType {
  if (values instanceof Uint32Array) return 'uint32';
  return values instanceof Int32Array ? 'int32' : 'float32';
}
