// What a loader hands out, and what it is made of.
import type { BadRecord } from '../imageDataset.ts';
import type { TensorImage } from '../transforms/transform.ts';

/** Where a batch stands: a run that stops after it resumes with `startBatch = index + 1`. */
export interface BatchPlace {
  readonly epoch: number;
  /** Number of the batch within its epoch. */
  readonly index: number;
  /** Where each sample stands in the data set: [n]. */
  readonly indices: Uint32Array<ArrayBuffer>;
}

/** Images ready for a network, with their labels. */
export interface StackedBatch<Target = number> {
  /** Row-major, [n, c, h, w]. */
  readonly x: Float32Array<ArrayBuffer>;
  readonly shape: readonly [n: number, channels: number, height: number, width: number];
  readonly labels: Labels<Target>;
}

/** Class indices [n], or the targets as they are where they are no numbers. */
export type Labels<Target> = [Target] extends [number] ? Uint32Array<ArrayBuffer> : Target[];

/** A batch that knows its place; `Content` is what `collate` returns, `StackedBatch` by default. */
export type LoadedBatch<Target = number, Content extends object = StackedBatch<Target>> = Content & BatchPlace;

/** A sample after its transform: what `collate` is given. */
export interface TensorSample<Target = number> extends TensorImage {
  readonly target: Target;
  /** Where it stands in the data set. */
  readonly index: number;
}

/** A sample that `skipBad` left out. */
export interface BadSample extends BadRecord {
  /** Where it stands in the data set. */
  readonly index: number;
}
