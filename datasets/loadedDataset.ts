// What loaders return: a data set, and which of its records were left out.
import type { Dataset } from './dataset.ts';
import type { BadRecord } from './imageDataset.ts';

export interface LoadedDataset extends Dataset {
  /** Records that were left out because `skipBad` was set. */
  readonly bad: readonly BadRecord[];
}
