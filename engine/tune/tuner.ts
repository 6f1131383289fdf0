// Chooses among an operation's variants by what was measured on this adapter. Without a measurement, or when told to
// leave it, the room's own choice stands: the default by adapter class that every room has in its code.
import type { Operation, Problem } from '../../kernels/definition.ts';
import { forwardMacs } from '../profile/flop.ts';
import { problemKey } from './tuningKey.ts';

/**
 * `off`: every run makes the same choices on the same adapter. `cached`: choices that were measured before are used.
 * `measure`: those too, and what has none is noted for `measureVariants`.
 */
export type TuningMode = 'off' | 'cached' | 'measure';

export interface TunedChoice {
  /** The fastest variant; null: the room's own choice is as good. */
  readonly variant: string | null;
  /** Nanoseconds by variant, and of the room's own choice under `default`. Those not tried have null. */
  readonly times: Readonly<Record<string, number | null>>;
}

/** By what `problemKey` gives. */
export type TunedChoices = ReadonlyMap<string, TunedChoice>;

/** A problem that was met and has no measurement. */
export interface PendingProblem {
  readonly key: string;
  readonly operation: Operation<never>;
  readonly problem: Problem<unknown>;
  readonly wanted?: ReadonlySet<string> | undefined;
}

/** A part of a backward pass: the gradients of some inputs. */
export interface BackwardPart<O> {
  readonly problem: Problem<O>;
  readonly wanted: ReadonlySet<string>;
}

export interface TunerOptions {
  mode: TuningMode;
  adapter: string;
  /** What was measured before. Default: nothing. */
  choices?: TunedChoices | undefined;
}

/** Noted at most; a model has some dozens. */
const MOST_PENDING = 1024;

/** What was measured on an adapter and what is still to be; see `createDevice({ tuning })` and `measureVariants`. */
export class Tuner {
  readonly mode: TuningMode;
  /** `adapterKey` of the device. */
  readonly adapter: string;
  readonly #choices: Map<string, TunedChoice>;
  readonly #pending = new Map<string, PendingProblem>();

  constructor({ mode, adapter, choices = new Map() }: TunerOptions) {
    this.mode = mode;
    this.adapter = adapter;
    this.#choices = new Map(choices);
  }

  /** Everything measured, also before: to be kept. */
  get choices(): TunedChoices {
    return this.#choices;
  }

  /** Met without a measurement, in the order they were met. */
  get pending(): readonly PendingProblem[] {
    return [...this.#pending.values()];
  }

  set(key: string, choice: TunedChoice): void {
    this.#choices.delete(key); // the newest are the last
    this.#choices.set(key, choice);
    this.#pending.delete(key);
  }

  /**
   * A backward pass in the parts that are chosen apart: of a matrix product, the gradient of either factor. Each with
   * the inputs it serves; one part where there is nothing to choose.
   */
  backwardParts<O>(operation: Operation<O>, problem: Problem<O>, wanted: ReadonlySet<string>): BackwardPart<O>[] {
    const isProduct = forwardMacs(operation as Operation<never>, problem) > 0;
    const groups = isProduct && this.#chooses(operation, problem) ? factors(wanted) : [wanted];
    return groups.map((group) => ({ wanted: group, problem: this.tuned(operation, problem, group) }));
  }

  /**
   * The problem with the variant that was measured to be the fastest; the problem itself where a variant is forced,
   * where there is nothing to choose, nothing measured, or what was measured is not to be had here.
   */
  tuned<O>(operation: Operation<O>, problem: Problem<O>, wanted?: ReadonlySet<string>): Problem<O> {
    if (!this.#chooses(operation, problem)) return problem;
    const given = operation as Operation<never>;
    const key = problemKey(given, problem, wanted);
    const choice = this.#choices.get(key);
    if (choice && isValid(given, problem, choice)) {
      return choice.variant === null ? problem : { ...problem, variant: choice.variant };
    }
    if (this.mode === 'measure' && this.#pending.size < MOST_PENDING && !this.#pending.has(key)) {
      this.#pending.set(key, { key, operation: given, problem, wanted });
    }
    return problem;
  }

  /**
   * Whether there is a choice. What a forward pass leaves to the backward pass besides `y` is a matter between variants
   * of one kind, so there is none then.
   */
  #chooses<O>({ variants = [] }: Operation<O>, { variant, outputs }: Problem<O>): boolean {
    const isFree = variant === undefined && Object.keys(outputs).length === 1;
    return this.mode !== 'off' && isFree && variants.length > 1;
  }
}

/** The gradient of the first factor apart from all others: `bias` comes with `weight`. */
function factors(wanted: ReadonlySet<string>): ReadonlySet<string>[] {
  const isFirst = (name: string) => name === 'x' || name === 'a';
  const groups = [[...wanted].filter(isFirst), [...wanted].filter((name) => !isFirst(name))];
  return groups.filter(({ length }) => length > 0).map((names) => new Set(names));
}

/** Not so when the variant is unknown or unsupported here, or one was added since that was not tried. */
function isValid(
  { variants = [] }: Operation<never>,
  { device }: Problem<unknown>,
  { variant, times }: TunedChoice,
): boolean {
  const supported = variants.filter((each) => each.supported?.(device) !== false).map(({ name }) => name);
  return supported.every((name) => Object.hasOwn(times, name)) && (variant === null || supported.includes(variant));
}
