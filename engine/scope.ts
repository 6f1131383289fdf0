// A scope owns the tensors made while it is open and frees them at its end, except those that are kept.
// So that an application need not name this in its own `lib`:
/// <reference lib="esnext.disposable" preserve="true" />
import type { Tensor } from './tensor.ts';

export class Scope implements Disposable {
  readonly #tensors = new Set<Tensor>();
  readonly #close: (scope: Scope) => void;

  constructor(close: (scope: Scope) => void) {
    this.#close = close;
  }

  /** Takes ownership: the tensor is freed with this scope. */
  own(tensor: Tensor): void {
    this.#tensors.add(tensor);
  }

  /** Gives ownership up: from now on the caller frees the tensor. */
  keep<T extends Tensor>(tensor: T): T {
    this.#tensors.delete(tensor);
    return tensor;
  }

  /** @internal As `keep`; tells whether the tensor was owned here. */
  giveUp(tensor: Tensor): boolean {
    return this.#tensors.delete(tensor);
  }

  /** Closes the scope, for code without `using`. */
  dispose(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#close(this);
    for (const tensor of [...this.#tensors]) tensor.dispose();
    this.#tensors.clear();
  }
}
