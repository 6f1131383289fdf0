// Which part of each batch is whose. All ranks together take the batches that one process with batches as large as all of
// theirs would take: batch k holds the places k·B·N to (k + 1)·B·N of the epoch's order, and rank r the places r, r + N, …
// of those, as `DistributedSampler` shares them out.
import type { Dataset } from '../../datasets/dataset.ts';

export interface Sharding {
  /** Samples of an epoch, of all ranks together. */
  readonly count: number;
  /** Samples in a batch of one rank, at most. */
  readonly batchSize: number;
  readonly rank: number;
  /** Ranks. */
  readonly size: number;
}

export interface Share {
  /** Samples of this rank; none where the last batch has fewer samples than there are ranks. */
  readonly own: number;
  /** Samples of all ranks, 1 or more. */
  readonly all: number;
}

/** What a rank has of batch number `index` of an epoch. */
export function shareOf(index: number, { count, batchSize, rank, size }: Sharding): Share {
  const all = Math.min(count - index * batchSize * size, batchSize * size);
  return { own: Math.max(0, Math.ceil((all - rank) / size)), all };
}

/** Of a loader. */
export interface ImageBatch {
  readonly x: Float32Array<ArrayBuffer>;
  readonly shape: readonly [n: number, channels: number, height: number, width: number];
  readonly labels: Uint32Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
  readonly index: number;
}

/**
 * Batches of a `DistributedSampler` without the samples that it repeats to give all ranks equally many. One is left where
 * there is no other, so that this rank takes the step with the others; its weight is zero.
 */
export async function* withoutRepeats<B extends ImageBatch>(
  batches: AsyncIterable<B>,
  sharding: Sharding,
): AsyncGenerator<B, void> {
  for await (const batch of batches) {
    const { own } = shareOf(batch.index, sharding);
    yield own === batch.labels.length ? batch : first(batch, Math.max(1, own));
  }
}

function first<B extends ImageBatch>(batch: B, count: number): B {
  const [n, ...image] = batch.shape;
  return {
    ...batch,
    x: batch.x.slice(0, (batch.x.length / n) * count),
    shape: [count, ...image],
    labels: batch.labels.slice(0, count),
    indices: batch.indices.slice(0, count),
  };
}

/** Where a rank's part of `count` samples begins and ends; parts differ by one sample at most. */
export function partOf(count: number, { rank, size }: { rank: number; size: number }): [start: number, end: number] {
  return [Math.floor((count * rank) / size), Math.floor((count * (rank + 1)) / size)];
}

/** Images `start` to before `end`, sharing memory. */
export function datasetPart(dataset: Dataset, start: number, end: number): Dataset {
  const bytes = dataset.images.length / dataset.count;
  return {
    ...dataset,
    images: dataset.images.subarray(start * bytes, end * bytes),
    labels: dataset.labels.subarray(start, end),
    count: end - start,
  };
}
