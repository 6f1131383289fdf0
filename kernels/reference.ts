// What every room's reference.ts and cases.ts hold: the specification in float64, and the inputs that matter.
import type { Shape } from './definition.ts';
import type { NdArray, NdArrays } from './ndarray.ts';

export interface Reference<Options> {
  /** Outputs by name, `y` first; inputs and outputs in logical row-major order. */
  forward(inputs: NdArrays, options: Options): NdArrays;
  /** Gradients by input name (`x`, `weight`), given all inputs, all outputs and the gradient of `y`. */
  backward?(inputs: NdArrays, outputs: NdArrays, dy: NdArray, options: Options): NdArrays;
}

/** How an input is filled when a case gives a shape only. */
export type Fill =
  | 'normal' // mean 0, deviation 1
  | 'positive' // uniform in 0.5 … 1.5: divisors, variances
  | 'distinct' // a shuffled ramp whose neighbours are 0.05 apart: no ties, so central differences never cross a kink
  | 'ties' // few distinct values, so maxima tie
  | { readonly integersBelow: number } // labels, indices
  | { readonly mean: number; readonly deviation: number }
  | { readonly values: readonly number[] };

export interface CaseInput {
  readonly shape: Shape;
  /** Default `normal`. */
  readonly fill?: Fill;
}

export interface Case<Options> {
  /** A sentence fragment: `first maximum wins a tie`. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, CaseInput>>;
  readonly options: Options;
  /** Relative to the largest true value of the tensor. Default 1e-4, see lab/compare.ts. */
  readonly tolerance?: number;
  /** Why the tolerance differs, or why the case matters. */
  readonly reason?: string;
  /** False where central differences make no sense (ties, integer outputs, too large). Default true. */
  readonly gradients?: boolean;
  /** False where float16 cannot tell the inputs apart, or hold them. Default true. */
  readonly float16?: boolean;
}

export interface Draw {
  /** Uniform integer in `[low, high]`. */
  integer(low: number, high: number): number;
  /** One of the values. */
  pick<T>(...values: T[]): T;
  chance(probability: number): boolean;
}

/** Everything about one room that tests, benches and the kernel laboratory iterate over. */
export interface Cases<Options> {
  readonly cases: readonly Case<Options>[];
  /** A random legal problem: odd sizes, every option. Keep it below about 20,000 elements. */
  draw(draw: Draw): Omit<Case<Options>, 'name'>;
  /** Output names that are compared with the reference. Default: all that the reference returns. */
  readonly compared?: readonly string[];
}
