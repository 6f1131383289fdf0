// https://pytorch.org/docs/stable/generated/torch.sub.html
import { arithmeticReference } from '../elementwise/arithmeticReference.ts';

export const reference = arithmeticReference(
  (x, other) => x - other,
  () => [1, -1],
);
