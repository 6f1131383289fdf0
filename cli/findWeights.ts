// The file of weights for a command: the one that was named, or the model's published one from the cache or the network.
import type { ModelEntry } from '../models/entry.ts';
import { fetchWeights } from '../models/node/fetchWeights.ts';
import { ProgressBar } from '../training/report/progressBar.ts';
import { checkFile } from './checkFile.ts';
import { UsageError } from './usageError.ts';

/**
 * @param given a path; undefined for the published file
 * @throws UsageError when the named file is not there, or none was named and none is published; FetchError when it
 *   cannot be downloaded
 */
export async function findWeights(entry: ModelEntry, given: string | undefined): Promise<string> {
  if (given !== undefined) {
    checkFile(given, `weights of ${entry.name}`);
    return given;
  }
  const weights = entry.weights.find(({ isPartial }) => !isPartial);
  if (!weights) throw new UsageError(`no weights of ${entry.name} are published: give a file with --weights`);
  let bar: ProgressBar | undefined;
  try {
    return await fetchWeights(weights, {
      onProgress: ({ received, total }) => {
        if (total === undefined) return;
        bar ??= new ProgressBar({ total, start: received, label: weights.file });
        bar.update(received);
      },
    });
  } finally {
    bar?.finish();
  }
}
