// The weights of all resizes of a batch in one table, each distinct one once.
import { resizeTaps } from '../../datasets/images/resize.ts';

/** Collects resizes while a batch is planned; `values` is then the kernel's `taps`. */
export class TapTable {
  readonly #rows: number[][] = [];
  readonly #starts = new Map<string, number>();

  /** The row of the table that the first of `outputs` coordinates has; the others follow. */
  startOf(inputs: number, outputs: number): number {
    const key = `${inputs} ${outputs}`;
    const known = this.#starts.get(key);
    if (known !== undefined) return known;
    const start = this.#rows.length;
    this.#starts.set(key, start);
    const { starts, counts, weights, taps } = resizeTaps(inputs, outputs);
    for (let i = 0; i < outputs; i++) {
      const used = Array.from(weights.subarray(i * taps, i * taps + counts[i]));
      while (used.length > 1 && used[used.length - 1] === 0) used.pop();
      this.#rows.push([starts[i], used.length, ...used]);
    }
    return start;
  }

  /** int32 `[rows, 2 + k]`: first input coordinate, number of weights, weights. */
  get table(): { readonly values: Int32Array<ArrayBuffer>; readonly shape: readonly [rows: number, row: number] } {
    const row = this.#rows.reduce((longest, { length }) => Math.max(longest, length), 3);
    const values = new Int32Array(this.#rows.length * row);
    for (const [i, taps] of this.#rows.entries()) values.set(taps, i * row);
    return { values, shape: [this.#rows.length, row] };
  }
}
