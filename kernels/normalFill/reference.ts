// Normal numbers by Box and Muller: the specification. https://pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
import { fromWords } from '../random/pcg4d.ts';
import type { Reference } from '../reference.ts';
import type { NormalFillOptions } from './normalFill.ts';

export const reference: Reference<NormalFillOptions> = {
  forward({ target }, options) {
    const { mean, std } = options;
    return {
      target: fromWords(target.shape, options, (words, word) => {
        const [first, second] = word < 2 ? [words[0], words[1]] : [words[2], words[3]];
        const radius = Math.sqrt(-2 * Math.log(((first >>> 8) + 1) / 2 ** 24));
        const angle = 2 * Math.PI * ((second >>> 8) / 2 ** 24 - 0.5);
        return mean + std * radius * (word % 2 ? Math.sin(angle) : Math.cos(angle));
      }),
    };
  },
};
