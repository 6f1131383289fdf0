// The loader with Node's worker threads.
import { DataLoader as AnyDataLoader, type DataLoaderOptions } from '../dataLoader.ts';
import type { Dataset } from '../dataset.ts';
import type { ImageDataset } from '../imageDataset.ts';
import type { StackedBatch } from '../loader/loadedBatch.ts';
import { workerThread } from './workerThread.ts';

/** `DataLoader` of `wgrad/datasets`, whose `workers` are worker threads of Node. */
export class DataLoader<Target = number, Content extends object = StackedBatch<Target>> extends AnyDataLoader<
  Target,
  Content
> {
  constructor(dataset: Dataset | ImageDataset<Target>, options: DataLoaderOptions<Target, Content>) {
    super(dataset, { ...options, createWorker: options.createWorker ?? workerThread });
  }
}
