// Samples read one by one, when they are asked for: what does not fit into memory, or has other targets than a class.
import type { Image } from './images/image.ts';

export interface Sample<Target> {
  readonly image: Image;
  readonly target: Target;
}

/** A map-style data set, as torchvision's: `count` samples by index, in an order that never changes. */
export interface ImageDataset<Target = number> {
  readonly name: string;
  readonly count: number;
  /** Names of the classes that the targets index; empty where targets are something else. */
  readonly classes: readonly string[];
  /** Class of each sample, known without reading images; absent where targets are something else. */
  readonly labels?: Uint32Array;
  /** Records that were left out because the data set was opened with `skipBad`. */
  readonly bad: readonly BadRecord[];
  /** How a worker opens the same data set; absent where it lives in this thread alone. */
  readonly source?: DatasetSource;
  /**
   * @throws ShapeError for an index outside the data set
   * @throws FormatError naming file and record where the files are damaged
   */
  get(index: number): Promise<Sample<Target>>;
}

export interface BadRecord {
  /** Where it stands: a file, and in it a line, a record or an id. */
  readonly record: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** A function to import and call with values that can be sent to a worker; it returns the data set or a promise of it. */
export interface DatasetSource {
  /** `import.meta.url` of the module. */
  readonly module: string;
  /** Name of the exported function. */
  readonly export: string;
  readonly args: readonly unknown[];
}

/** What every function that opens a data set of files takes. */
export interface OpenOptions {
  /** Leaves damaged records out and lists them in `bad`, instead of throwing at the first. Default false. */
  readonly skipBad?: boolean;
}
