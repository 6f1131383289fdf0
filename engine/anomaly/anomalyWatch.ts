// Anomaly mode: after every operation a small kernel looks for NaN and infinities in what it read and what it wrote, and
// keeps where; `check` reads the findings of all operations at once and names the first. Off, it costs one comparison an
// operation.
import { bytesOf, elementBytes, sizeOf } from '../../kernels/definition.ts';
import { AnomalyError, WgradError } from '../../kernels/errors.ts';
import { NON_FINITE, NONE_FOUND, nonFinite } from '../../kernels/nonFinite/nonFinite.ts';
import { type Operand, runPlan } from '../apply.ts';
import type { GraphNode } from '../autograd.ts';
import type { Device } from '../device.ts';
import type { AnyModule } from '../nn/module.ts';
import { isFloat } from '../precision.ts';
import type { Tensor } from '../tensor.ts';
import { describe } from './describe.ts';

export interface AnomalyOptions {
  /** Names the layers and parameters in the message, by hooks that let layers run fused as ever. Default: none. */
  model?: AnyModule;
  /**
   * Whether an infinity that a backward pass stores in float16 is an anomaly. Default false: a `GradScaler` raises its
   * scale until that happens, and skips the step.
   */
  float16Overflow?: boolean;
}

/** A tensor that an operation read or wrote, and where the search of it leaves its findings. */
interface Search {
  readonly name: string;
  readonly operand: Operand;
  readonly slot: number;
}

interface Ran {
  readonly operation: string;
  readonly phase: 'forward' | 'backward' | 'update';
  readonly layer: string | null;
  readonly inputs: readonly Search[];
  outputs: readonly Search[];
}

type Operands = Readonly<Record<string, Operand>>;

/** Operations that one buffer of findings has room for, three words each. */
const SEARCHES = 4096;

/**
 * Looks for NaN and infinities in all that operations read and write from here on, on the GPU; `check()` names the
 * first operation and layer that made one, forward, backward or in an optimizer:
 *
 *     using watch = watchAnomalies(device, { model });
 *     // forward, backward, optimizer.step()
 *     await watch.check(); // throws AnomalyError
 *
 * For finding the cause, not for every day: each tensor is read once more. `capture` refuses meanwhile, and
 * replays of a step captured before are not looked into: run it eagerly. Layers are named where `model` is given.
 * https://pytorch.org/docs/stable/autograd.html#anomaly-detection looks at gradients alone.
 * @throws WgradError when it is watched already, or a step is being captured
 */
export function watchAnomalies(device: Device, options?: AnomalyOptions): AnomalyWatch {
  return new AnomalyWatch(device, options);
}

/** See `watchAnomalies`. */
export class AnomalyWatch {
  readonly #device: Device;
  readonly #model: AnyModule | undefined;
  readonly #reportsOverflow: boolean;
  readonly #unwatch: (() => void)[] = [];
  readonly #layers = new WeakMap<GraphNode, string | null>();
  #running: string[] = [];
  #walked: GraphNode | undefined;
  #ran: Ran[] = [];
  #found: Tensor[] = [];
  #searches = 0;

  /** @throws WgradError when the device is watched already, or captures a step */
  constructor(device: Device, { model, float16Overflow = false }: AnomalyOptions = {}) {
    const { recorder } = device;
    if (recorder.anomalies)
      throw new WgradError('watchAnomalies: this device is watched already; dispose the other first');
    if (recorder.tape) throw new WgradError('watchAnomalies: a step is being captured; begin before it');
    this.#device = device;
    this.#model = model;
    this.#reportsOverflow = float16Overflow;
    recorder.anomalies = this;
    for (const [name, module] of model?.namedModules() ?? []) this.#follow(name, module);
  }

  /**
   * Waits for the GPU, and forgets the operations so far: call it once a step.
   * @throws AnomalyError naming the first operation since the last check that wrote a NaN or an infinity
   */
  async check(): Promise<void> {
    const [ran, found] = [this.#ran, this.#found];
    this.#ran = [];
    this.#found = [];
    this.#searches = 0;
    try {
      const words: Uint32Array[] = [];
      for (const part of found) words.push((await part.data()) as Uint32Array);
      this.#judge(ran, words);
    } finally {
      for (const part of found) part.dispose();
    }
  }

  /** Ends the watch. Steps may be captured again. */
  dispose(): void {
    for (const remove of this.#unwatch.splice(0)) remove();
    for (const part of this.#found.splice(0)) part.dispose();
    this.#ran = [];
    if (this.#device.recorder.anomalies === this) this.#device.recorder.anomalies = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal A node was made by the layer that runs now. */
  remembers(node: GraphNode): void {
    this.#layers.set(node, this.#running.at(-1) ?? null);
  }

  /** @internal The backward pass comes to this node; undefined: it is over. */
  walks(node: GraphNode | undefined): void {
    this.#walked = node;
  }

  /** @internal An operation is about to run. @returns what to call with all it wrote, after it */
  runs(operation: string, inputs: Operands): (outputs: Operands, options?: { updates?: boolean }) => void {
    const layer = this.#walked ? (this.#layers.get(this.#walked) ?? null) : (this.#running.at(-1) ?? null);
    const isBackward = this.#walked !== undefined;
    const read = this.#search(inputs);
    return (outputs, { updates = false } = {}) => {
      const phase = isBackward ? 'backward' : updates ? 'update' : 'forward';
      this.#ran.push({ operation, phase, layer, inputs: read, outputs: this.#search(outputs) });
    };
  }

  #follow(name: string, module: AnyModule): void {
    const enter = () => {
      if (name === '') [this.#running, this.#walked] = [[], undefined]; // whatever an error left
      this.#running.push(name);
      return undefined;
    };
    this.#unwatch.push(
      module.registerForwardPreHook(enter, { passive: true }),
      module.registerForwardHook(() => void this.#running.pop(), { passive: true }),
    );
  }

  #search(operands: Operands): Search[] {
    return Object.entries(operands)
      .filter(([, { dtype, shape }]) => isFloat(dtype) && sizeOf(shape) > 0)
      .map(([name, operand]) => {
        const { shape, dtype, order, storage, byteOffset } = operand;
        const slot = 3 * this.#searches++;
        const found = this.#part(slot);
        const launch = nonFinite(operand, { slot: slot % (3 * SEARCHES), device: this.#device.capabilities });
        runPlan(this.#device, 'nonFinite', { launches: [launch] }, { x: operand, found });
        return { name, operand: { shape, dtype, order, storage, byteOffset }, slot };
      });
  }

  #part(slot: number): Tensor {
    const index = Math.floor(slot / (3 * SEARCHES));
    this.#found[index] ??= this.#device.keep(this.#device.tensor(new Uint32Array(3 * SEARCHES).fill(NONE_FOUND)));
    return this.#found[index];
  }

  #judge(ran: readonly Ran[], words: readonly Uint32Array[]): void {
    const findingOf = ({ slot, operand, name }: Search) => {
      const part = words[Math.floor(slot / (3 * SEARCHES))];
      const at = NON_FINITE.map((value, kind) => ({ value, index: part[(slot % (3 * SEARCHES)) + kind] }));
      const first = at.reduce((a, b) => (b.index < a.index ? b : a));
      return first.index === NONE_FOUND ? undefined : { name, operand, ...first };
    };
    let hasOverflowed = false;
    for (const { operation, phase, layer, inputs, outputs } of ran) {
      const bad = outputs.flatMap((search) => findingOf(search) ?? [])[0];
      if (!bad) continue;
      const culprit = inputs.flatMap((search) => findingOf(search) ?? [])[0];
      // an overflow, and what gradients and the scaler made of it
      if (!this.#reportsOverflow) {
        const isOverflow =
          phase === 'backward' && bad.operand.dtype === 'float16' && !Number.isNaN(bad.value) && !culprit;
        hasOverflowed ||= isOverflow;
        if (isOverflow || (hasOverflowed && culprit && phase !== 'forward')) continue;
      }
      throw new AnomalyError(
        ...describe({ operation, phase, layer, model: this.#model }, this.#named(bad), culprit && this.#named(culprit)),
      );
    }
  }

  /** With the parameter or buffer that the index lies in. */
  #named<F extends { operand: Operand; index: number }>(finding: F): F & { tensor: string | undefined } {
    const { operand, index } = finding;
    const byte = operand.byteOffset + index * elementBytes(operand.dtype);
    const held = [...(this.#model?.namedParameters() ?? []), ...(this.#model?.namedBuffers() ?? [])].find(
      ([, tensor]) =>
        tensor.isPlaced &&
        tensor.storage === operand.storage &&
        byte >= tensor.byteOffset &&
        byte < tensor.byteOffset + bytesOf(tensor),
    );
    return { ...finding, tensor: held?.[0] };
  }
}
