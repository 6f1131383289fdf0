// Dropout, naive: the specification. https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
// Which elements are dropped is ours to choose: those whose random word lies below p * 2^32.
import type { NdArray } from '../ndarray.ts';
import { fromWords } from '../random/pcg4d.ts';
import type { Reference } from '../reference.ts';
import { type DropoutOptions, dropThreshold } from './dropout.ts';

export const reference: Reference<DropoutOptions> = {
  forward: ({ x }, options) => ({ y: dropped(x, options) }),
  backward: (_inputs, _outputs, dy, options) => ({ x: dropped(dy, options) }),
};

function dropped({ shape, data }: NdArray, options: DropoutOptions): NdArray {
  return fromWords(shape, options, (words, word, index) =>
    options.p < 1 && words[word] >= dropThreshold(options.p) ? data[index] / (1 - options.p) : 0,
  );
}
