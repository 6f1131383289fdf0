// What all optimizers share: parameter groups over flat arenas, skipped parameters, saving and resuming.
import { sizeOf } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import type { StateDict } from '../hostTensor.ts';
import { stateName } from '../nn/stateName.ts';
import type { Tensor } from '../tensor.ts';
import { Arena, type Run } from './arena.ts';

/** Parameters with options of their own; what is left out follows the optimizer's. */
export type GroupOptions<Options> = { params: readonly Tensor[] } & Partial<Options>;

/** Parameters with all options, which may be rewritten between steps. */
export type ParamGroup<Options> = { params: readonly Tensor[]; initialLr?: number } & Options;

/** Everything a run needs to continue to the same bytes: JSON, and tensors for a safetensors file. */
export interface OptimizerState<Options> {
  type: string;
  /** Options by group; `params` holds positions in the order the parameters were given. */
  paramGroups: (Omit<ParamGroup<Options>, 'params'> & { params: number[] })[];
  /** Steps taken, by parameter. */
  steps: number[];
  /** `0.momentum_buffer`: position of the parameter and PyTorch's name of the state, in the parameter's shape. */
  tensors: StateDict;
}

/**
 * Base of the optimizers. Constructing one moves the parameters' memory into arenas, so that a step is one dispatch;
 * a later optimizer over the same parameters takes them over. Call `model.to(device)` before; views of parameters made
 * before keep the old memory and its values.
 */
export abstract class Optimizer<Options extends { lr: number }> {
  readonly paramGroups: ParamGroup<Options>[];
  readonly #type: string;
  #arenas: Arena[][];

  constructor(type: string, params: readonly Tensor[] | readonly GroupOptions<Options>[], defaults: Options) {
    const groups = isGroups(params) ? params : [{ params }];
    this.#type = type;
    this.paramGroups = groups.map((group) => ({ ...defaults, ...group, params: [...group.params] }));
    checkParameters(
      type,
      this.paramGroups.flatMap((group) => group.params),
    );
    for (const group of this.paramGroups) this.check(group);
    this.#arenas = this.#makeArenas();
  }

  /**
   * Takes the parameters over once more, after they moved to another device (`restoreSnapshot` does that); all states
   * start from zero. Options stay.
   */
  rebuild(): void {
    this.dispose();
    this.#arenas = this.#makeArenas();
  }

  /** Updates every parameter that has a gradient; the others and their states stay as they are. */
  step(): void {
    const { device } = this.#parameters()[0];
    device.tidy(() =>
      device.noGrad(() => {
        for (const [i, group] of this.paramGroups.entries()) {
          this.#watch(group);
          for (const arena of this.#arenas[i]) {
            for (const run of arena.runs((steps) => this.runKey(steps))) this.update(arena, run, group);
            arena.countStep();
          }
        }
      }),
    );
  }

  /** Sets every gradient to null, so that the next backward pass overwrites instead of adding. */
  zeroGrad(): void {
    for (const parameter of this.#parameters()) parameter.grad = null;
  }

  /** Reads states and options to the host. Waits for the GPU. */
  async stateDict(): Promise<OptimizerState<Options>> {
    const slots = this.#slots();
    const tensors: StateDict = new Map();
    for (const [i, { arena, slot }] of slots.entries()) {
      for (const name of arena.stateNames()) {
        const state = arena.stateOf(name, slot);
        const data = (await state.data()) as Float32Array;
        state.dispose();
        tensors.set(`${i}.${stateName(name)}`, { dtype: 'float32', shape: slot.parameter.shape, data });
      }
    }
    let position = 0;
    return {
      type: this.#type,
      paramGroups: this.paramGroups.map((group) => ({ ...group, params: group.params.map(() => position++) })),
      steps: slots.map(({ slot }) => slot.steps),
      tensors,
    };
  }

  /**
   * Continues where `stateDict` was taken, over parameters of the same shapes in the same groups. States it does not
   * hold start from zero again.
   * @throws ShapeError before anything is changed
   */
  loadStateDict({ type, paramGroups, steps, tensors }: OptimizerState<Options>): void {
    const slots = this.#slots();
    const sizes = (groups: readonly { params: readonly unknown[] }[]) =>
      show(groups.map(({ params }) => params.length));
    if (type !== this.#type) throw new ShapeError(`${this.#type}.loadStateDict: given the state of ${type}`);
    if (sizes(paramGroups) !== sizes(this.paramGroups) || steps.length !== slots.length) {
      throw new ShapeError(
        `${type}.loadStateDict: given groups of ${sizes(paramGroups)} parameters and ${steps.length} step counts, this optimizer has groups of ${sizes(this.paramGroups)}`,
      );
    }
    for (const [i, { params: _, ...options }] of paramGroups.entries()) {
      this.check({ ...this.paramGroups[i], ...options });
    }
    const names = this.stateNames();
    const writes = [...tensors].map(([key, { shape, data }]) => {
      const [, position, pytorchName] = /^(\d+)\.(\w+)$/.exec(key) ?? [];
      const found = slots[Number(position)];
      const name = names.find((candidate) => stateName(candidate) === pytorchName);
      if (!found || !name || !(data instanceof Float32Array)) {
        throw new ShapeError(
          `${type}.loadStateDict: '${key}' is no state of its ${slots.length} parameters (${names})`,
        );
      }
      if (show(shape) !== show(found.slot.parameter.shape) || data.length !== sizeOf(shape)) {
        throw new ShapeError(
          `${type}.loadStateDict: '${key}' has shape ${show(shape)} and ${data.length} values, its parameter shape ${show(found.slot.parameter.shape)}`,
        );
      }
      return { ...found, name, data };
    });
    for (const arena of this.#arenas.flat()) arena.resetStates();
    for (const { arena, slot, name, data } of writes) {
      const state = arena.stateOf(name, slot);
      state.write(data);
      state.dispose();
    }
    for (const [i, { slot }] of slots.entries()) slot.steps = steps[i];
    for (const [i, { params: _, ...options }] of paramGroups.entries()) Object.assign(this.paramGroups[i], options);
  }

  /** Gives the memory of gradients and states back; parameters keep their values. */
  dispose(): void {
    for (const arena of this.#arenas.flat()) arena.dispose();
  }

  /** @throws ShapeError for options outside their range */
  protected abstract check(options: Options): void;

  /** Names of the states it may have. */
  protected abstract stateNames(): readonly string[];

  /** Parameters whose step counts give the same key may be updated in one dispatch. */
  protected abstract runKey(steps: number): number;

  /** Updates one run in place. `run.steps` counts the steps before this one. */
  protected abstract update(arena: Arena, run: Run, options: Options): void;

  /** Which states an update with these options needs: another answer is another update. */
  protected usedStates(_options: Options): readonly string[] {
    return this.stateNames();
  }

  /** In a captured step, options may differ from step to step, but neither within one nor so much that others run. */
  #watch(group: ParamGroup<Options>): void {
    const { tape } = this.#parameters()[0].device.recorder;
    if (!tape) return;
    const options = () => {
      const { params: _, ...numbers } = group;
      return JSON.stringify(numbers);
    };
    const [before, states] = [options(), this.usedStates(group).join()];
    tape.guards.push(() =>
      this.usedStates(group).join() === states ? undefined : `${this.#type} was given options that need other states`,
    );
    tape.checks.push(() =>
      options() === before
        ? undefined
        : `options of ${this.#type} changed within the step, from ${before} to ${options()}; step schedulers after it`,
    );
  }

  #parameters(): Tensor[] {
    return this.paramGroups.flatMap(({ params }) => params);
  }

  #makeArenas(): Arena[][] {
    const made: Arena[][] = [];
    try {
      for (const { params } of this.paramGroups) {
        made.push(Arena.forAll(params, params[0]?.device.gpu.limits.maxBufferSize ?? 0));
      }
    } catch (error) {
      for (const arena of made.flat()) arena.dispose();
      throw error;
    }
    return made;
  }

  #slots() {
    return this.#arenas.flat().flatMap((arena) => arena.slots.map((slot) => ({ arena, slot })));
  }
}

/** @throws ShapeError unless `low <= value`, and `value < high` where given */
export function checkRange(where: string, name: string, value: number, low: number, high = Infinity): void {
  if (value >= low && value < high) return;
  const range = high === Infinity ? `at least ${low}` : `in [${low}, ${high})`;
  throw new ShapeError(`${where}: ${name} must be ${range}, given ${value}`);
}

function isGroups<Options>(
  params: readonly Tensor[] | readonly GroupOptions<Options>[],
): params is readonly GroupOptions<Options>[] {
  return params.length > 0 && 'params' in params[0];
}

function checkParameters(type: string, parameters: readonly Tensor[]): void {
  if (!parameters.length) throw new ShapeError(`${type}: no parameters given`);
  const seen = new Set<Tensor>();
  for (const parameter of parameters) {
    const what = `a parameter of shape ${show(parameter.shape)}`;
    if (seen.has(parameter)) throw new ShapeError(`${type}: ${what} is given twice`);
    if (parameter.node)
      throw new ShapeError(`${type}: ${what} is the result of an operation; only leaves can be optimized`);
    if (parameter.dtype !== 'float32') {
      throw new ShapeError(
        `${type}: ${what} is ${parameter.dtype}; optimizers update float32 parameters (train with device.autocast instead)`,
      );
    }
    if (parameter.device !== parameters[0].device) throw new ShapeError(`${type}: ${what} lives on another device`);
    seen.add(parameter);
  }
}
