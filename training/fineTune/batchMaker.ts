// Who makes the batches of a source: this thread, or worker threads that each make a part of every batch, so that one
// batch ahead keeps all of them busy.
import type { Dataset } from '../../datasets/dataset.ts';
import type { ImageDataset } from '../../datasets/imageDataset.ts';
import { checkInteger } from '../../datasets/loader/checkInteger.ts';
import { makeBatch, type PackedBatch, recipeOf } from '../../datasets/loader/makeBatch.ts';
import type { LoaderWorker } from '../../datasets/loader/protocol.ts';
import { webWorker } from '../../datasets/loader/webWorker.ts';
import { WorkerPool } from '../../datasets/loader/workerPool.ts';
import { MAX_WORKERS, workerSetup } from '../../datasets/loader/workerSetup.ts';
import type { Transform } from '../../datasets/transforms/transform.ts';
import { ShapeError } from '../../kernels/errors.ts';

export interface BatchMaker {
  /** The samples in the order of `indices`, in one part or several. */
  make(indices: Uint32Array<ArrayBuffer>, epoch: number): Promise<PackedBatch<number>[]>;
  /** Ends the workers; the next batch starts new ones. */
  close(): Promise<void>;
}

export interface BatchMakerOptions {
  transform: Pick<Transform, 'call'> & Partial<Pick<Transform, 'toJSON'>>;
  /** Of what is random in the transform. */
  seed: number;
  /** 0: this thread. */
  workers: number;
  /** Default: web workers; Node's threads in `wgrad/training/node`. */
  createWorker?: (() => LoaderWorker) | undefined;
}

/**
 * A sample is the same whoever makes it: what is random in it follows from seed, epoch and index. Idle workers do not
 * keep the process alive.
 * @throws ShapeError for workers that cannot open the data set, or cannot be sent the transform
 */
export function batchMaker(
  dataset: Dataset | ImageDataset<number>,
  { transform, seed, workers, createWorker = webWorker }: BatchMakerOptions,
): BatchMaker {
  checkInteger(`${dataset.name}: workers`, workers, { high: MAX_WORKERS });
  if (workers === 0) {
    const recipe = recipeOf(dataset, { transform, seed, skipBad: false });
    return { make: async (indices, epoch) => [await makeBatch(recipe, jobOf(indices, epoch))], close: async () => {} };
  }
  if (!transform.toJSON) {
    throw new ShapeError(`${dataset.name}: a transform without toJSON cannot be sent to workers: set workers to 0`);
  }
  const setup = workerSetup(dataset, { transform: transform as Transform, seed, skipBad: false });
  const run = {};
  let pool: WorkerPool | undefined;
  let batch = 0;
  return {
    async make(indices, epoch) {
      const open = pool?.isOpen ? pool : new WorkerPool(workers, { create: createWorker, setup });
      pool = open;
      const place = { run, batch: batch++ };
      const parts = partsOf(indices, workers).map((part) => open.make(jobOf(part, epoch), place));
      for (const part of parts) part.catch(() => {}); // the first in order is the one that is thrown
      const made: PackedBatch<number>[] = [];
      for (const part of parts) made.push((await part) as PackedBatch<number>);
      return made;
    },
    async close() {
      await pool?.close();
      pool = undefined;
    },
  };
}

function jobOf(indices: Uint32Array<ArrayBuffer>, epoch: number) {
  return { epoch, indices, repeats: null };
}

/** Neighbours stay together; no part is empty, and no two differ by more than one. */
function partsOf(indices: Uint32Array<ArrayBuffer>, count: number): Uint32Array<ArrayBuffer>[] {
  const parts = Math.min(count, indices.length);
  const edge = (part: number) => Math.round((part * indices.length) / parts);
  return Array.from({ length: parts }, (_, part) => indices.slice(edge(part), edge(part + 1)));
}
