// First values of parameters as plain data, so that they can be chosen before there is a device.
import { fill } from '../../kernels/fill/fill.ts';
import type { RandomStream } from '../../kernels/random/pcg4d.ts';
import { apply } from '../apply.ts';
import { fillNormal, fillUniform } from '../functional/random.ts';
import type { Tensor } from '../tensor.ts';

export type Initialiser =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  /** In logical row-major order: a state dict loaded before `to(device)`. */
  | { readonly kind: 'values'; readonly values: Float32Array };

/** Overwrites a tensor's values in place; the graph does not see it. The stream matters to random kinds only. */
export function initialise(target: Tensor, initialiser: Initialiser, random: RandomStream): void {
  switch (initialiser.kind) {
    case 'constant':
      apply(fill, { target }, { value: initialiser.value });
      break;
    case 'uniform':
      fillUniform(target, { ...initialiser, random });
      break;
    case 'normal':
      fillNormal(target, { ...initialiser, random });
      break;
    case 'values':
      target.write(initialiser.values);
  }
}
