// Published weights, downloaded once and kept; what is returned has the right hash.
import { join } from 'node:path';
import { type FetchFileOptions, fetchFile } from '../../datasets/node/download/fetchFile.ts';
import { cacheFolder } from '../../engine/node/cacheFolder.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { ModelEntry, WeightsEntry } from '../entry.ts';
import { modelEntry } from '../registry.ts';

export interface FetchWeightsOptions extends Omit<FetchFileOptions, 'variable'> {
  /** Which of the model's files. Default: the first of its entry. */
  file?: string;
  /** Where the file is downloaded from instead of its own address: `<baseUrl>/<file>`. Default: `$WGRAD_WEIGHTS_URL`. */
  baseUrl?: string | undefined;
  /** Where files are kept. Default: `weights` in wgrad's cache folder, which `$WGRAD_HOME` moves. */
  folder?: string;
}

/**
 * The path of a model's published weights. A file that is there is used without a network, if its SHA-256 is right. Else
 * it is downloaded as `<file>.part`, which a later call continues, checked, and renamed.
 *
 *     const file = await openCheckpoint(await fetchWeights('resnet18'));
 *
 * @param which a name of `listModels()`, or a record of weights
 * @throws ShapeError for models without published weights and files that are not theirs; FetchError when the download
 *   fails, saying which file to put where by hand; FormatError when what was downloaded is another file (it is removed);
 *   the signal's reason when it aborts
 */
export async function fetchWeights(
  which: string | WeightsEntry,
  { file, folder = weightsFolder(), ...options }: FetchWeightsOptions = {},
): Promise<string> {
  const weights = typeof which === 'string' ? chooseWeights(modelEntry(which), file) : which;
  const { file: path, sha256, url } = weights;
  const published = { path, sha256, urls: url ? [url] : [] };
  return fetchFile(folder, published, { ...options, variable: 'WGRAD_WEIGHTS_URL' });
}

/** Where weights are kept: `weights` in wgrad's cache folder. */
export function weightsFolder(): string {
  return join(cacheFolder(), 'weights');
}

function chooseWeights({ name, weights }: ModelEntry, file: string | undefined): WeightsEntry {
  if (!weights.length) throw new ShapeError(`${name} has no published weights`);
  const found = file === undefined ? weights[0] : weights.find((each) => each.file === file);
  if (found) return found;
  throw new ShapeError(`${name} has no weights '${file}'; it has ${weights.map((each) => each.file).join(', ')}`);
}
