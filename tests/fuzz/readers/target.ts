// What the fuzz of the readers knows of one reader.
import type { Random } from '../../../datasets/random.ts';

/** Another file made of one; what it cannot take apart it gives back as it is. */
export type Mutator = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array;

// biome-ignore lint/suspicious/noExplicitAny: classes of errors differ in what they are made of
export type ErrorClass = new (...values: any[]) => Error;

export interface Target {
  readonly name: string;
  /** Whole files that the reader accepts, or refuses for a known reason. */
  readonly seeds: () => readonly Uint8Array[];
  /** Of the format's structure; changes of bytes come in addition. */
  readonly mutators: readonly Mutator[];
  /** Reads all there is to read. @param folder of this worker alone, for readers of paths */
  readonly read: (bytes: Uint8Array, folder: string) => unknown;
  /** Errors that the reader promises for a bad file. */
  readonly refusals: readonly ErrorClass[];
  /** The bound on what one input may allocate, in bytes: `base + perByte · bytes of the input`. */
  readonly bound: { readonly base: number; readonly perByte: number };
  /** Its part of all inputs, relative to the others. */
  readonly share: number;
}

export const MIB = 2 ** 20;
