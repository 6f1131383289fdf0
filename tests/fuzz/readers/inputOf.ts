// Input i of a reader: the same bytes for the same seed, wherever and in whatever order it is made.
import { Random } from '../../../datasets/random.ts';
import { byteMutators, MAX_INPUT_BYTES } from './mutate/bytes.ts';
import { chance, pick } from './random.ts';
import type { Target } from './target.ts';

/** Of inputs, those whose structure is changed; the others have their bytes changed, some have both. */
const STRUCTURED = 0.65;
const BOTH = 0.2;

export type MakeInput = (index: number) => Uint8Array;

export function inputsOf(target: Target, seed: number): MakeInput {
  const seeds = target.seeds();
  const stream = hash(target.name) * 2 ** 32;
  return (index) => {
    const random = new Random(seed, stream + index);
    let bytes = pick(random, seeds);
    const isStructured = target.mutators.length > 0 && chance(random, STRUCTURED);
    if (isStructured) {
      const times = pick(random, [1, 1, 1, 2, 3]);
      for (let i = 0; i < times; i++) bytes = pick(random, target.mutators)(bytes, random, seeds);
    }
    if (!isStructured || chance(random, BOTH)) {
      const times = pick(random, [1, 1, 2, 4]);
      for (let i = 0; i < times; i++) bytes = pick(random, byteMutators)(bytes, random, seeds);
    }
    return Uint8Array.from(bytes.subarray(0, MAX_INPUT_BYTES));
  };
}

/** 20 bits of a name: FNV-1a. */
function hash(name: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) value = Math.imul(value ^ name.charCodeAt(i), 0x01000193);
  return (value >>> 0) % 2 ** 20;
}
