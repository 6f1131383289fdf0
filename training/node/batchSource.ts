// Sources whose batches are made by Node's worker threads.
import { workerThread } from '../../datasets/node/workerThread.ts';
import {
  preprocessedSource as preprocessedAnywhere,
  transformedSource as transformedAnywhere,
} from '../fineTune/batchSource.ts';

/** `transformedSource` of `wgrad/training`, whose `workers` are worker threads of Node. */
export const transformedSource: typeof transformedAnywhere = (dataset, transform, options = {}) =>
  transformedAnywhere(dataset, transform, { ...options, createWorker: options.createWorker ?? workerThread });

/** `preprocessedSource` of `wgrad/training`, whose `workers` are worker threads of Node. */
export const preprocessedSource: typeof preprocessedAnywhere = (dataset, preprocessing, options = {}) =>
  preprocessedAnywhere(dataset, preprocessing, { ...options, createWorker: options.createWorker ?? workerThread });
