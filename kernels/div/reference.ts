// https://pytorch.org/docs/stable/generated/torch.div.html
import { arithmeticReference } from '../elementwise/arithmeticReference.ts';

export const reference = arithmeticReference(
  (x, other) => x / other,
  (x, other) => [1 / other, -x / other ** 2],
);
