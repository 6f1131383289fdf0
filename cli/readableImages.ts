// `--skip-bad`: the pictures of a folder that can be read, found by reading each of them once.
import type { BadRecord, ImageDataset } from '../datasets/imageDataset.ts';
import { CenterCrop, Compose, subset, ToTensor } from '../datasets/index.ts';
import { DataLoader } from '../datasets/node/index.ts';
import { UsageError } from './usageError.ts';

export interface ReadableImages {
  set: ImageDataset<number>;
  /** The first thousand that were left out. */
  bad: readonly BadRecord[];
  badCount: number;
}

/** @throws UsageError where no image can be read */
export async function readableImages(set: ImageDataset<number>, workers: number): Promise<ReadableImages> {
  const transform = new Compose([new CenterCrop(1), new ToTensor()]);
  await using loader = new DataLoader(set, { batchSize: 16, skipBad: true, transform, workers });
  const readable: number[] = [];
  for await (const { indices } of loader) readable.push(...indices);
  const { bad, badCount } = loader;
  if (badCount === 0) return { set, bad: set.bad, badCount: set.bad.length };
  if (!readable.length) throw new UsageError(`none of ${set.count} images can be read; the first: ${bad[0].reason}`);
  return { set: subset(set, readable), bad: [...set.bad, ...bad], badCount: set.bad.length + badCount };
}
