// What workers are told of a loader's work.
import { ShapeError } from '../../kernels/errors.ts';
import type { Dataset } from '../dataset.ts';
import type { ImageDataset } from '../imageDataset.ts';
import type { Transform } from '../transforms/transform.ts';
import type { WorkerSetup } from './protocol.ts';
import { shareArrays } from './shareArrays.ts';

export const MAX_WORKERS = 256;

/** Data in memory is copied once into memory that all threads share. @throws ShapeError as `checkSource` */
export function workerSetup(
  dataset: Dataset | ImageDataset<unknown>,
  { transform, seed, skipBad }: { transform: Transform | null; seed: number; skipBad: boolean },
): WorkerSetup {
  checkSource(dataset);
  return shareArrays({
    opens: 'get' in dataset ? { source: dataset.source! } : { dataset },
    count: dataset.count,
    name: dataset.name,
    transform: transform?.toJSON() ?? null,
    seed,
    skipBad,
  });
}

/** @throws ShapeError for a data set that lives in this thread alone */
export function checkSource(dataset: Dataset | ImageDataset<unknown>): void {
  if ('get' in dataset && !dataset.source) {
    throw new ShapeError(
      `DataLoader: workers cannot open ${dataset.name}, for it has no source (the module and function that open it): ` +
        'give it one, or set workers to 0',
    );
  }
}
