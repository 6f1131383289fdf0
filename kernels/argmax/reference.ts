// Naive: the specification. https://pytorch.org/docs/stable/generated/torch.argmax.html
import { reference as max } from '../max/reference.ts';
import type { Reference } from '../reference.ts';
import type { ArgmaxOptions } from './argmax.ts';

export const reference: Reference<ArgmaxOptions> = {
  forward: (inputs, options) => ({ y: max.forward(inputs, options).indices }),
};
