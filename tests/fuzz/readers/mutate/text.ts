// Tables of text by their lines and words.
import { below, pick } from '../random.ts';
import type { Mutator } from '../target.ts';
import { MAX_INPUT_BYTES } from './bytes.ts';

const WORDS = ['', '-', '+1', '-1', '0', '00', '1e3', '2147483647', '2147483648', '-99999999999', 'NaN', '0x1', '..'];
const NAMES = ['../000001.jpg', '/etc/passwd', '.hidden', 'a/b.jpg', 'a\\b', '\0', '__proto__', '٣', '\u2028'];

export const mutateText: Mutator = (bytes, random) => {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const at = below(random, lines.length);
  const words = lines[at]!.split(' ');
  const word = below(random, words.length);
  switch (below(random, 7)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, lines[below(random, lines.length)]!);
      break;
    case 2:
      words[word] = pick(random, [...WORDS, ...NAMES]);
      break;
    case 3:
      words.splice(word, 1);
      break;
    case 4:
      words.splice(word, 0, pick(random, WORDS));
      break;
    case 5:
      words[word] = (words[word] ?? '').repeat(pick(random, [2, 100, 5000]));
      break;
    default:
      words[word] = String(Number(words[word]) + pick(random, [-1, 1, 2 ** 31]));
  }
  if (lines[at] !== undefined) lines[at] = words.join(pick(random, [' ', ' ', '  ', '\t', '\r']));
  return new TextEncoder().encode(lines.join('\n')).slice(0, MAX_INPUT_BYTES);
};
