// The base of every layer and model. Children, parameters, buffers and counters are its fields, found by enumeration in
// declaration order; there is nothing to register. Built from shapes alone: memory comes with `to(device)`.
import type { Device } from '../device.ts';
import type { StateDict } from '../hostTensor.ts';
import type { Tensor } from '../tensor.ts';
import { Buffer, Counter, OwnedTensor, Parameter } from './parameter.ts';
import { type LoadOptions, type LoadReport, loadStateDict, stateDict } from './stateDict.ts';
import { stateName } from './stateName.ts';
import { getSubmodule, setSubmodule } from './submodule.ts';

/** Streams of initial values; those of dropout and random fills count up from 0. */
const INITIAL_STREAM = 2 ** 31;

/** Sees the inputs before `forward`; what it returns replaces them. */
export type ForwardPreHook = (module: AnyModule, inputs: Tensor[]) => Tensor[] | undefined;
/** Sees inputs and output after `forward`; what it returns replaces the output. */
export type ForwardHook = (module: AnyModule, inputs: Tensor[], output: unknown) => unknown;

export interface HookOptions {
  /**
   * It only notes that the module runs, as a profiler does: the module may still run as one operation with those behind
   * it (batch norm, sum and ReLU), whose hooks are then not called. Default false.
   */
  passive?: boolean;
  /** What it does at one step it does at all, by operations alone: a captured step may do it without it. Default false. */
  capturable?: boolean;
}

interface Registered<Hook> {
  readonly hook: Hook;
  readonly passive: boolean;
  readonly capturable: boolean;
}

type Forward = (...inputs: Tensor[]) => unknown;

/** Runs a module's forward in a way of its own. */
type Recompute = (forward: Forward, inputs: Tensor[]) => unknown;

/** A module of whatever output. */
export type AnyModule = Module<unknown>;

/**
 * A neural network module, https://pytorch.org/docs/stable/generated/torch.nn.Module.html.
 * Subclasses declare children as fields and implement `forward`; everybody else runs a module through `call`, which
 * fires the hooks (`forward` is protected, so the compiler keeps the two apart):
 *
 *     class Net extends Module {
 *       readonly conv1 = new Conv2d(1, 6, 5);
 *       protected override forward(x: Tensor): Tensor {
 *         return relu(this.conv1.call(x));
 *       }
 *     }
 *
 * A module owns the memory of its tensors: scopes leave it alone, `dispose()` gives it back.
 */
export abstract class Module<Output = Tensor> {
  /** Whether dropout drops and batch norm uses the batch's own statistics. Set by `train()` and `eval()`. */
  training = true;
  readonly #preHooks: Registered<ForwardPreHook>[] = [];
  readonly #hooks: Registered<ForwardHook>[] = [];
  #recompute: Recompute | null = null;

  protected abstract forward(...inputs: Tensor[]): Output;

  /** Runs the module: pre-hooks, `forward`, hooks. */
  call(...inputs: Tensor[]): Output {
    return this.callAs((...given) => this.forward(...given), inputs);
  }

  /** @internal Runs `forward`, which does this module's work and more, between the hooks: see normRelu.ts. */
  callAs(forward: (...inputs: Tensor[]) => Output, inputs: Tensor[]): Output {
    const device = inputs.find((input) => input.isPlaced)?.device;
    device?.recorder.tape?.calls(this);
    if (!device) return this.#runHooked(forward, inputs);
    const { layer } = device;
    device.layer = this;
    try {
      return this.#runHooked(forward, inputs);
    } finally {
      device.layer = layer;
    }
  }

  /**
   * Gives every parameter and buffer its memory and first values. Those that have memory on the device keep it, so a
   * replaced layer is initialised alone.
   * @param options.seed the stream of each tensor follows from the seed and its position, so one seed repeats a model
   *   bit for bit. Default 0
   * @throws DisposedError for tensors that live on another device
   */
  to(device: Device, { seed = 0 }: { seed?: number } = {}): this {
    device.knows(this);
    let position = 0;
    for (const [name, value] of this.state()) {
      const stream = INITIAL_STREAM + position++;
      if (value instanceof OwnedTensor) value.materialise(name, device, { seed: seed >>> 0, stream });
    }
    return this;
  }

  /**
   * @internal Gives the memory of all parameters and buffers up, so that `loadStateDict` and `to` may give them memory
   * on another device. Their values are lost.
   */
  displace(): void {
    for (const [, value] of this.state()) if (value instanceof OwnedTensor) value.displace();
  }

  /** Training mode, for this module and all below. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Inference mode: `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Direct children by name. */
  namedChildren(): [name: string, module: AnyModule][] {
    return this.#members().filter((member): member is [string, AnyModule] => member[1] instanceof Module);
  }

  /** Direct children. */
  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module (named '') and all below, parents first, by dotted name; one used twice is listed once. */
  namedModules(): [name: string, module: AnyModule][] {
    const names = new Map<AnyModule, string>();
    const visit = (module: AnyModule, name: string) => {
      if (names.has(module)) return;
      names.set(module, name);
      for (const [child, below] of module.namedChildren()) visit(below, join(name, child));
    };
    visit(this, '');
    return [...names].map(([module, name]) => [name, module]);
  }

  /** This module and all below, parents first. */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }

  /**
   * The module of that dotted name: `model.getSubmodule('layer1.0.conv1')`. '' is this one.
   * https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.get_submodule
   * @throws ShapeError listing the children where the name ends
   */
  getSubmodule(path: string): AnyModule {
    return getSubmodule(this, path);
  }

  /**
   * Puts a module in the place of another, whose memory is freed, and returns it; `to(device)` then initialises it
   * alone: `model.setSubmodule('classifier.6', new Linear(4096, 10)); model.to(device)`. Assigning to the field
   * (`model.classifier[6] = …`) does the same, but leaves the old module, and its memory, to whoever holds it.
   * https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.set_submodule
   * @throws ShapeError listing the children where the name ends
   */
  setSubmodule<M extends AnyModule>(path: string, module: M): M {
    return setSubmodule(this, path, module);
  }

  /** All parameters by dotted name (`conv1.weight`), each once. */
  namedParameters(): [name: string, parameter: Parameter][] {
    return unique(this.state()).filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  }

  /** What optimizers are given. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All buffers (running statistics) by dotted name, each once. */
  namedBuffers(): [name: string, buffer: Buffer][] {
    return unique(this.state()).filter((entry): entry is [string, Buffer] => entry[1] instanceof Buffer);
  }

  /** @internal Everything a state dict holds, under every name it has: own tensors first, then each child's. */
  state(): [name: string, value: OwnedTensor | Counter][] {
    const members = this.#members();
    const own = members.filter(
      (member): member is [string, OwnedTensor | Counter] =>
        member[1] instanceof OwnedTensor || member[1] instanceof Counter,
    );
    const below = this.namedChildren().flatMap(([name, child]) =>
      child.state().map(([rest, value]): [string, OwnedTensor | Counter] => [join(name, rest), value]),
    );
    return [...own, ...below];
  }

  /** All values on the host, by PyTorch's names. Waits for the GPU. */
  stateDict(): Promise<StateDict> {
    return stateDict(this);
  }

  /**
   * Takes values from a state dict, of this model or of PyTorch's. Before `to(device)` they become the first values.
   * Nothing is changed when it throws. A missing `num_batches_tracked` counts as 0: files of old PyTorch lack it.
   * @param options.strict false lets keys be missing or left over. Default true
   * @param options.skip dotted names of layers that keep their values: `['fc']` for a head of other classes
   * @throws ShapeError naming every missing, unexpected and misshapen key, or a name in `skip` that nothing has
   */
  loadStateDict(values: StateDict, options?: LoadOptions): LoadReport {
    return loadStateDict(this, values, options);
  }

  /** Runs `fn` on every module below and then on this one. Returns this. */
  apply(fn: (module: AnyModule) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Freezes (false) or frees all parameters: frozen ones cost nothing in `backward()`. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = requiresGrad;
    return this;
  }

  /** Sets every gradient to null. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Calls `hook(module, inputs)` before `forward`; what it returns replaces the inputs. Returns a remover. */
  registerForwardPreHook(hook: ForwardPreHook, options?: HookOptions): () => void {
    return register(this.#preHooks, hook, options);
  }

  /** Calls `hook(module, inputs, output)` after `forward`; what it returns replaces the output. Returns a remover. */
  registerForwardHook(hook: ForwardHook, options?: HookOptions): () => void {
    return register(this.#hooks, hook, options);
  }

  /** @internal See `checkpoint`. */
  recomputeBy(run: Recompute): void {
    this.#recompute = run;
  }

  /** @internal Whether it must run by itself: somebody looks at what goes in or comes out, or keeps nothing of it. */
  get isHooked(): boolean {
    if (this.#recompute) return true;
    return [...this.#preHooks, ...this.#hooks].some(({ passive }) => !passive);
  }

  /** @internal Whether it has a hook that must be called at every step. */
  get needsCalls(): boolean {
    return this.#preHooks.some(({ capturable }) => !capturable) || this.#hooks.some(({ capturable }) => !capturable);
  }

  /** The arguments as PyTorch prints them between the parentheses; see `print`. */
  extraRepr(): string {
    return '';
  }

  /** Gives the memory of all parameters and buffers back. The module cannot be used afterwards. */
  dispose(): void {
    for (const [, value] of this.state()) if (value instanceof OwnedTensor) value.dispose();
  }

  #runHooked(forward: (...inputs: Tensor[]) => Output, inputs: Tensor[]): Output {
    let given = inputs;
    for (const { hook } of [...this.#preHooks]) given = hook(this, given) ?? given;
    const run = this.#recompute;
    let output = run ? (run(forward as Forward, given) as Output) : forward(...given);
    for (const { hook } of [...this.#hooks]) output = (hook(this, given, output) as Output | undefined) ?? output;
    return output;
  }

  #members(): [name: string, value: unknown][] {
    return Object.entries(this).map(([field, value]) => [stateName(field), value]);
  }
}

function unique<T>(entries: [string, T][]): [string, T][] {
  const seen = new Set<T>();
  return entries.filter(([, value]) => !seen.has(value) && seen.add(value));
}

function join(prefix: string, name: string): string {
  return prefix ? `${prefix}.${name}` : name;
}

function register<Hook>(
  hooks: Registered<Hook>[],
  hook: Hook,
  { passive = false, capturable = false }: HookOptions = {},
): () => void {
  const registered = { hook, passive, capturable };
  hooks.push(registered);
  return () => {
    const index = hooks.indexOf(registered);
    if (index >= 0) hooks.splice(index, 1);
  };
}
