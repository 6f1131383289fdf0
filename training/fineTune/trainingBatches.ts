// The batches of one epoch in their shuffled order, the next one prepared while the GPU works on the one before.
import { Random } from '../../datasets/random.ts';
import type { FedBatch, Feed } from './feed.ts';
import { drawMix, type Mix } from './mixup.ts';
import { nextTurn } from './nextTurn.ts';

export interface TrainingBatch extends FedBatch {
  readonly mix?: Mix;
}

/** @param options.mixup alpha; 0 is none */
export async function* trainingBatches(
  feed: Feed,
  { batchSize, seed, epoch, mixup }: { batchSize: number; seed: number; epoch: number; mixup: number },
): AsyncGenerator<TrainingBatch> {
  const { count } = feed.source;
  const order = new Random(seed, epoch).shuffle(Uint32Array.from({ length: count }, (_, i) => i));
  const prepare = async (batch: number): Promise<TrainingBatch> => {
    const indices = order.slice(batch * batchSize, (batch + 1) * batchSize);
    if (mixup === 0) return feed.prepare(indices, epoch);
    const mix = drawMix(mixup, { seed, epoch, batch, n: indices.length });
    return { ...(await feed.prepare(indices, epoch, mix)), mix };
  };
  let next = prepare(0);
  for (let batch = 0; batch * batchSize < count; batch++) {
    const ready = await next;
    if ((batch + 1) * batchSize < count) {
      next = nextTurn().then(() => prepare(batch + 1)); // after the step that the consumer is about to enqueue
      next.catch(() => {}); // surfaces where it is awaited
    }
    yield ready;
  }
}
