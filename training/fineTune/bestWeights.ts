// The values of the best epoch so far, on the host.

import type { AnyModule } from '../../engine/nn/module.ts';
import { type Buffer, Counter, type OwnedTensor, type Parameter } from '../../engine/nn/parameter.ts';

type Values = Float32Array | Uint32Array | Int32Array;

/** Keeps what training changes: some parameters, and all running statistics. */
export class BestWeights {
  readonly #tensors: readonly OwnedTensor[];
  readonly #counters: readonly Counter[];
  #values: Values[] = [];
  #counts: number[] = [];

  constructor(model: AnyModule, parameters: readonly Parameter[]) {
    const buffers: Buffer[] = model.namedBuffers().map(([, buffer]) => buffer);
    this.#tensors = [...parameters, ...buffers];
    this.#counters = model.state().flatMap(([, own]) => (own instanceof Counter ? [own] : []));
  }

  /** Reads the values as they are now. Waits for the GPU. */
  async take(): Promise<void> {
    const values: Values[] = [];
    for (const tensor of this.#tensors) values.push(await tensor.data());
    this.#values = values;
    this.#counts = this.#counters.map(({ value }) => value);
  }

  /** Writes the values that were taken last; nothing where none were. */
  restore(): void {
    for (const [i, values] of this.#values.entries()) this.#tensors[i].write(values);
    for (const [i, count] of this.#counts.entries()) this.#counters[i].value = count;
  }
}
