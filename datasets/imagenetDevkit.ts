// What ILSVRC2012's development kit says: which synsets are the 1000 classes, and what the validation images show.
import { FormatError } from '../kernels/errors.ts';
import { byCodePoint } from './codePointOrder.ts';
import type { NamedBytes } from './idx.ts';
import type { BadRecord } from './imageDataset.ts';

/** A row of meta.mat. */
export interface Synset {
  /** ILSVRC2012_ID, from 1: not the class index. */
  readonly id: number;
  /** `n02110341`. */
  readonly wnid: string;
  /** `dalmatian, coach dog, carriage dog`. */
  readonly words: string;
  /** 0 for a class; others are above classes in the tree. */
  readonly numChildren: number;
}

/** The classes in the order of their indices, which is that of the wnids. */
export interface ImageNetClasses {
  readonly wnids: readonly string[];
  /** Synonyms of each class. */
  readonly words: readonly (readonly string[])[];
  /** Class index by ILSVRC2012_ID. */
  readonly indexOfId: ReadonlyMap<number, number>;
}

/**
 * The synsets without children, by wnid, as torchvision's.
 * @param name of the file, for errors
 * @throws FormatError for a synset that is not one, or comes twice
 */
export function imagenetClasses(name: string, synsets: readonly Synset[]): ImageNetClasses {
  const leaves = synsets.filter(({ numChildren }) => numChildren === 0);
  leaves.sort((a, b) => byCodePoint(a.wnid, b.wnid));
  if (leaves.length === 0) throw new FormatError(`${name}: found no synset without children`);
  const indexOfId = new Map<number, number>();
  for (const [i, { id, wnid }] of leaves.entries()) {
    const where = `${name}: synset ${wnid} (ILSVRC2012_ID ${id})`;
    if (!isWnid(wnid)) throw new FormatError(`${where}: found the WNID '${wnid}', expected n and eight digits`);
    if (!(Number.isInteger(id) && id > 0)) throw new FormatError(`${where}: expected a positive integer as its ID`);
    if (indexOfId.has(id)) throw new FormatError(`${where}: another synset has this ID`);
    if (leaves[i - 1]?.wnid === wnid) throw new FormatError(`${where}: another synset has this WNID`);
    indexOfId.set(id, i);
  }
  return {
    wnids: leaves.map(({ wnid }) => wnid),
    words: leaves.map(({ words }) => words.split(', ')),
    indexOfId,
  };
}

/** Whether a text is a noun's WordNet id. */
export function isWnid(text: string): boolean {
  return /^n\d{8}$/.test(text);
}

/** More lines than that are no ground truth of ILSVRC2012, which has 50,000. */
const MAX_LINES = 2 ** 20;

/**
 * Class index of each validation image, in the order of the images' numbers; -1 for a bad line, listed in `bad`.
 * @throws FormatError naming the first bad line, unless bad ones are skipped
 */
export function readGroundTruth(
  { name, bytes }: NamedBytes,
  { indexOfId }: ImageNetClasses,
  { skipBad = false } = {},
): { labels: Int32Array; bad: BadRecord[] } {
  const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
  if (lines.length > MAX_LINES) throw new FormatError(`${name}: found ${lines.length} lines, expected 50000`);
  const bad: BadRecord[] = [];
  const labels = Int32Array.from(lines, (line, i) => {
    const text = line.trim();
    const index = /^\d{1,9}$/.test(text) ? indexOfId.get(Number(text)) : undefined;
    if (index !== undefined) return index;
    const record = `${name}, line ${i + 1}`;
    const reason = `found '${text.slice(0, 20)}', expected the ILSVRC2012_ID of one of the ${indexOfId.size} classes`;
    if (!skipBad) throw new FormatError(`${record}: ${reason}`);
    bad.push({ record, reason });
    return -1;
  });
  return { labels, bad };
}
