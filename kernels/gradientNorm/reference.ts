// The total norm of torch.nn.utils.clip_grad_norm_ in float64: the specification.
// https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
import { ndarray } from '../ndarray.ts';
import type { Reference } from '../reference.ts';

export const reference: Reference<Record<string, never>> = {
  forward(inputs) {
    let squares = 0;
    for (const { data } of Object.values(inputs)) for (const value of data) squares += value ** 2;
    return { y: ndarray([], [Math.sqrt(squares)]) };
  },
};
