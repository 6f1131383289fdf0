// https://pytorch.org/docs/stable/generated/torch.mul.html
import { arithmeticReference } from '../elementwise/arithmeticReference.ts';

export const reference = arithmeticReference(
  (x, other) => x * other,
  (x, other) => [other, x],
);
