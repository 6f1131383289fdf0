// Flat memory for many parameters: values, gradients and states each lie in one buffer, in the same places, so that
// one dispatch updates all of them.
import { sizeOf, spec, type TensorSpec } from '../../kernels/definition.ts';
import { DisposedError } from '../../kernels/errors.ts';
import { fill } from '../../kernels/fill/fill.ts';
import { show } from '../../kernels/rank.ts';
import { apply, reordered } from '../apply.ts';
import type { Device } from '../device.ts';
import { equivalentOrder } from '../reorder.ts';
import { Tensor } from '../tensor.ts';

/** Elements per 256 bytes: where bindings may start on every adapter. */
const ALIGNMENT = 64;

/** One parameter's place in its arena. */
export interface Slot {
  readonly parameter: Tensor;
  /** First element. */
  readonly offset: number;
  /** Elements up to the next slot; those behind the parameter's own are zero in values and gradients. */
  readonly length: number;
  /** Optimizer steps this parameter took part in. */
  steps: number;
}

/** Consecutive slots that one dispatch can update together. */
export interface Run {
  readonly offset: number;
  readonly length: number;
  /** Taken before the one under way. */
  readonly steps: number;
}

export class Arena {
  readonly slots: readonly Slot[];
  readonly #device: Device;
  readonly #length: number;
  readonly #values: Tensor;
  readonly #gradients: Tensor;
  readonly #states = new Map<string, Tensor>();

  /** Moves the parameters' memory here; their gradients will be written here too. All must live on one device. */
  constructor(parameters: readonly Tensor[]) {
    this.#device = parameters[0].device;
    let offset = 0;
    this.slots = parameters.map((parameter) => {
      const slot = { parameter, offset, length: slotLength(parameter), steps: 0 };
      offset += slot.length;
      return slot;
    });
    this.#length = offset;
    this.#values = this.#zeros('values');
    try {
      this.#gradients = this.#zeros('gradients');
    } catch (error) {
      this.#values.dispose();
      throw error;
    }
    for (const { parameter, offset: start } of this.slots) {
      const target = { buffer: this.#values.storage.buffer, offset: start * 4 };
      this.#device.recorder.copy(bytesOf(parameter), target);
      parameter.place(this.#device, this.#values.storage.retain(), start * 4);
      parameter.gradSlot = { storage: this.#gradients.storage, byteOffset: start * 4 };
    }
  }

  /**
   * Cuts parameters into arenas of at most `maxBytes` each, the device's largest buffer.
   * A parameter that is larger alone fails where the buffer is made.
   */
  static forAll(parameters: readonly Tensor[], maxBytes: number): Arena[] {
    const groups: Tensor[][] = [];
    let room = 0;
    for (const parameter of parameters) {
      const bytes = slotLength(parameter) * 4;
      if (!groups.length || bytes > room) {
        groups.push([]);
        room = maxBytes;
      }
      groups.at(-1)!.push(parameter);
      room -= bytes;
    }
    const arenas: Arena[] = [];
    try {
      for (const group of groups) arenas.push(new Arena(group));
    } catch (error) {
      for (const arena of arenas) arena.dispose();
      throw error;
    }
    return arenas;
  }

  /**
   * Neighbouring parameters that have a gradient and the same `key(steps)`: one run when all do. Gradients that lie
   * elsewhere (a hook replaced them, or they were there before the arena) are copied to their slots.
   * @throws DisposedError when this optimizer was disposed, or a later one took the parameters over
   */
  runs(key: (steps: number) => number): Run[] {
    const runs: { offset: number; length: number; readonly steps: number }[] = [];
    this.#device.recorder.tape?.guards.push(() => (this.#values.isDisposed ? 'the optimizer was disposed' : undefined));
    for (const slot of this.slots) {
      this.#checkOwned(slot);
      if (!slot.parameter.grad) continue;
      this.#collect(slot, slot.parameter.grad);
      const last = runs.at(-1);
      if (last && last.offset + last.length === slot.offset && key(last.steps) === key(slot.steps)) {
        last.length += slot.length;
      } else {
        runs.push({
          offset: slot.offset,
          length: slot.length,
          get steps() {
            return slot.steps; // of now: captured steps ask again
          },
        });
      }
    }
    return runs;
  }

  /** Counts a step of every parameter that has a gradient. */
  countStep(): void {
    const counted = this.slots.filter(({ parameter }) => parameter.grad);
    const count = (steps: number) => {
      for (const slot of counted) slot.steps += steps;
    };
    this.#device.eachStep(
      () => count(1),
      () => count(-1),
    );
  }

  values({ offset, length }: Run): Tensor {
    return this.#view(this.#values, spec([length]), offset);
  }

  gradients({ offset, length }: Run): Tensor {
    return this.#view(this.#gradients, spec([length]), offset);
  }

  /** A run's part of a state, which starts as zeros when it is first asked for. */
  state(name: string, { offset, length }: Run): Tensor {
    return this.#view(this.#stateArena(name), spec([length]), offset);
  }

  stateNames(): string[] {
    return [...this.#states.keys()];
  }

  /** One parameter's part of a state, in the parameter's own shape and order. */
  stateOf(name: string, { parameter, offset }: Slot): Tensor {
    const { shape, dtype, order } = parameter;
    return this.#view(this.#stateArena(name), { shape, dtype, order }, offset);
  }

  /** Makes all states zero, as before the first step. */
  resetStates(): void {
    for (const target of this.#states.values()) apply(fill, { target }, { value: 0 });
  }

  /** Gives up gradients and states; parameters keep their values, and those a later optimizer took over all they have. */
  dispose(): void {
    if (this.#gradients.isDisposed) return;
    for (const { parameter } of this.slots) {
      if (parameter.gradSlot?.storage !== this.#gradients.storage) continue;
      parameter.grad = null;
      parameter.gradSlot = null;
    }
    for (const tensor of [this.#values, this.#gradients, ...this.#states.values()]) tensor.dispose();
  }

  #checkOwned({ parameter }: Slot): void {
    if (this.#values.isDisposed) throw new DisposedError('optimizer.step: this optimizer was disposed');
    if (parameter.storage !== this.#values.storage) {
      throw new DisposedError(
        `optimizer.step: a parameter of shape ${show(parameter.shape)} moved to the memory of a later optimizer; use that one`,
      );
    }
  }

  #collect({ parameter, offset }: Slot, gradient: Tensor): void {
    if (gradient.storage === this.#gradients.storage && gradient.byteOffset === offset * 4) return;
    const { shape, order } = parameter;
    // WebGPU does not copy within one buffer: another parameter's gradient goes by way of a third
    const isHere = gradient.storage === this.#gradients.storage;
    const inOrder = equivalentOrder(shape, gradient.order, order) && !isHere ? gradient : reordered(gradient, order);
    this.#device.recorder.copy(bytesOf(inOrder), { buffer: this.#gradients.storage.buffer, offset: offset * 4 });
  }

  #stateArena(name: string): Tensor {
    let state = this.#states.get(name);
    if (!state || state.storage.isVoid) {
      state?.dispose(); // made in a step that never ran, for there was no memory
      state = this.#device.recorder.aside(() => this.#zeros(name));
      this.#states.set(name, state);
    }
    return state;
  }

  #view({ storage }: Tensor, description: TensorSpec, offset: number): Tensor {
    return new Tensor(this.#device, description, storage.retain(), offset * 4);
  }

  #zeros(what: string): Tensor {
    const description = spec([this.#length]);
    const storage = this.#device.allocate(description, `optimizer ${what}`);
    const tensor = this.#device.keep(new Tensor(this.#device, description, storage));
    apply(fill, { target: tensor }, { value: 0 });
    return tensor;
  }
}

function slotLength({ shape }: Tensor): number {
  return Math.ceil(sizeOf(shape) / ALIGNMENT) * ALIGNMENT;
}

function bytesOf({ storage, byteOffset, size }: Tensor): { buffer: GPUBuffer; offset: number; size: number } {
  return { buffer: storage.buffer, offset: byteOffset, size: size * 4 };
}
