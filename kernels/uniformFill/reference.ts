// Uniform numbers: the specification. https://pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
import { fromWords } from '../random/pcg4d.ts';
import type { Reference } from '../reference.ts';
import type { UniformFillOptions } from './uniformFill.ts';

export const reference: Reference<UniformFillOptions> = {
  forward({ target }, options) {
    const { low, high } = options;
    return {
      target: fromWords(target.shape, options, (words, word) => low + (high - low) * ((words[word] >>> 8) / 2 ** 24)),
    };
  },
};
