// EMNIST: handwritten characters in MNIST's file layout, in six splits, with every image transposed.
import { ShapeError } from '../kernels/errors.ts';
import type { NamedBytes } from './idx.ts';
import type { OpenOptions } from './imageDataset.ts';
import type { LoadedDataset } from './loadedDataset.ts';
import { readMnistFiles } from './mnist.ts';

/** The six ways in which EMNIST is cut: https://www.nist.gov/itl/products-and-services/emnist-dataset */
export const EMNIST_SPLITS = ['byclass', 'bymerge', 'balanced', 'letters', 'digits', 'mnist'] as const;
export type EmnistSplit = (typeof EMNIST_SPLITS)[number];

/** What is known of a split beforehand; `mean` and `std` are over its training images, to three digits. */
export interface EmnistKind {
  readonly name: `emnist-${EmnistSplit}`;
  /** Torchvision's, in the order of the labels. Those of `letters` begin with 1: its class 0, `N/A`, has no images. */
  readonly classes: readonly string[];
  readonly firstLabel: number;
  readonly mean: readonly [number];
  readonly std: readonly [number];
}

export interface EmnistOptions extends OpenOptions {
  /**
   * Turns the images upright. The files hold them transposed (rows and columns swapped), and so torchvision gives them;
   * default false, as there.
   */
  transpose?: boolean;
}

const DIGITS = [...'0123456789'];
const UPPER = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const LOWER = [...'abcdefghijklmnopqrstuvwxyz'];
/** Lower-case letters that look like their capitals and were merged with them. */
const MERGED = new Set('cijklmopsuvwxyz');
const BY_MERGE = [...DIGITS, ...UPPER, ...LOWER.filter((letter) => !MERGED.has(letter))];

const SPLITS: Readonly<Record<EmnistSplit, { classes: readonly string[]; mean: number; std: number }>> = {
  byclass: { classes: [...DIGITS, ...UPPER, ...LOWER], mean: 0.174, std: 0.332 },
  bymerge: { classes: BY_MERGE, mean: 0.174, std: 0.332 },
  balanced: { classes: BY_MERGE, mean: 0.175, std: 0.333 },
  letters: { classes: ['N/A', ...LOWER], mean: 0.172, std: 0.331 },
  digits: { classes: DIGITS, mean: 0.173, std: 0.332 },
  mnist: { classes: DIGITS, mean: 0.173, std: 0.332 },
};

/**
 * Cohen, Afshar, Tapson and van Schaik, 2017, https://arxiv.org/abs/1702.05373: 28x28, 10 to 62 classes.
 * @throws ShapeError for a split that EMNIST does not have
 */
export function emnistKind(split: EmnistSplit): EmnistKind {
  if (!EMNIST_SPLITS.includes(split))
    throw new ShapeError(`EMNIST has no split '${split}': ${EMNIST_SPLITS.join(', ')}`);
  const { classes, mean, std } = SPLITS[split];
  return { name: `emnist-${split}`, classes, firstLabel: split === 'letters' ? 1 : 0, mean: [mean], std: [std] };
}

/**
 * A split from its image file and its label file, plain or gzipped; on Node see `loadEmnist`.
 * @throws FormatError naming the file, or both files when they disagree
 */
export async function readEmnistFiles(
  split: EmnistSplit,
  files: { images: NamedBytes; labels: NamedBytes },
  { transpose = false, skipBad = false }: EmnistOptions = {},
): Promise<LoadedDataset> {
  const set = await readMnistFiles(emnistKind(split), files, { skipBad });
  return transpose ? { ...set, images: transposed(set.images, 28) } : set;
}

/** Square images with rows and columns swapped. */
function transposed(images: Uint8Array, side: number): Uint8Array {
  const upright = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += side * side) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        upright[start + row * side + column] = images[start + column * side + row]!;
      }
    }
  }
  return upright;
}
