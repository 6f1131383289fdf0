// The worker's side of a loader: opens the data set once, then makes one batch after the other.
import { ShapeError } from '../../kernels/errors.ts';
import type { Transform } from '../transforms/transform.ts';
import { type BatchJob, makeBatch, type Recipe, recipeOf } from './makeBatch.ts';
import { openSource } from './openSource.ts';
import { type FromWorker, type ToWorker, toSentError, type WorkerSetup } from './protocol.ts';

/** @returns what to call with each message, the set-up first */
export function serveBatches(
  post: (message: FromWorker, transfer: Transferable[]) => void,
): (message: ToWorker) => Promise<void> {
  const waiting = new Map<number, BatchJob>();
  let recipe: Promise<Recipe<unknown>>;
  let isWorking = false;

  const work = async (): Promise<void> => {
    if (isWorking) return;
    isWorking = true;
    for (let entry = first(waiting); entry; entry = first(waiting)) {
      const [id, job] = entry;
      waiting.delete(id);
      try {
        const batch = await makeBatch(await recipe, job);
        const { x, indices, targets } = batch;
        const labels = targets instanceof Uint32Array ? [targets.buffer] : [];
        post({ id, batch }, [x.buffer, indices.buffer, ...labels]);
      } catch (error) {
        post({ id, error: toSentError(error) }, []);
      }
    }
    isWorking = false;
  };

  return async (message) => {
    if ('setup' in message) {
      recipe = open(message.setup);
      recipe.catch(() => {}); // the first job reports it
    } else if ('forget' in message) {
      for (const id of message.forget) waiting.delete(id);
    } else {
      waiting.set(message.id, message.job);
      await work();
    }
  };
}

async function open({ opens, count, name, transform, seed, skipBad }: WorkerSetup): Promise<Recipe<unknown>> {
  const dataset = 'dataset' in opens ? opens.dataset : await openSource(opens.source);
  if (dataset?.count !== count) {
    throw new ShapeError(
      `DataLoader: a worker found ${dataset?.count} samples in ${name} where the loader found ${count}: the files have ` +
        'changed, or its source opens another data set',
    );
  }
  return recipeOf(dataset, { transform: transform && (await transformOf(transform)), seed, skipBad });
}

/** @throws ShapeError for a class that is not ours */
async function transformOf(json: NonNullable<WorkerSetup['transform']>): Promise<Transform> {
  // imported here, so that workers without transforms do not load them all
  const { transformFromJSON } = await import('../transforms/transformFromJSON.ts');
  return transformFromJSON(json);
}

function first<K, V>(map: Map<K, V>): [K, V] | undefined {
  return map.entries().next().value;
}
