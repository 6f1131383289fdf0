// Published weights, downloaded once and kept; what is returned has the right hash.
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../engine/node/cacheFolder.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import type { ModelEntry, WeightsEntry } from '../entry.ts';
import { modelEntry } from '../registry.ts';
import { type DownloadOptions, download, etagFile } from './download.ts';
import { FetchError } from './fetchError.ts';
import { sha256 } from './sha256.ts';

export interface FetchWeightsOptions extends DownloadOptions {
  /** Which of the model's files. Default: the first of its entry. */
  file?: string;
  /** Where the file is downloaded from instead of its own address: `<baseUrl>/<file>`. Default: `$WGRAD_WEIGHTS_URL`. */
  baseUrl?: string;
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
  { file, baseUrl = process.env.WGRAD_WEIGHTS_URL, folder = weightsFolder(), ...options }: FetchWeightsOptions = {},
): Promise<string> {
  const weights = typeof which === 'string' ? chooseWeights(modelEntry(which), file) : which;
  const path = join(folder, weights.file);
  const present = await sha256(path);
  if (present && isRight(weights, present)) return path;
  const url = baseUrl ? `${baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(weights.file)}` : weights.url;
  try {
    if (!url) throw new FetchError(`no address is known for ${weights.file}`);
    await mkdir(folder, { recursive: true });
    await complete(weights, { url, part: `${path}.part`, options });
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    const found = present ? ` (the file there is another: its SHA-256 is ${present})` : '';
    throw new FetchError(`${error.message}. ${byHand(weights, folder)}${found}`, { cause: error });
  }
  await rename(`${path}.part`, path);
  await rm(etagFile(`${path}.part`), { force: true });
  return path;
}

/** Where weights are kept: `weights` in wgrad's cache folder. */
export function weightsFolder(): string {
  return join(cacheFolder(), 'weights');
}

interface Source {
  url: string;
  part: string;
  options: DownloadOptions;
}

/** Ends with the whole file in `part`. */
async function complete(weights: WeightsEntry, { url, part, options }: Source): Promise<void> {
  const started = await sha256(part);
  if (started && isRight(weights, started)) return; // stopped just before it was renamed
  await download(url, part, options);
  let found = await hashOf(part);
  if (started && !isRight(weights, found)) {
    await rm(part); // its beginning may be of another version of the file
    await download(url, part, options);
    found = await hashOf(part);
  }
  if (isRight(weights, found)) return;
  const { size } = await stat(part);
  await rm(part);
  await rm(etagFile(part), { force: true });
  throw new FormatError(
    `${url}: this is not ${weights.file}: its SHA-256 is ${found}, expected ${weights.sha256}…; ` +
      `its ${size} bytes were removed`,
  );
}

async function hashOf(part: string): Promise<string> {
  const hash = await sha256(part);
  if (hash) return hash;
  throw new FetchError(`${part}: is gone; does another process fetch the same file?`);
}

function chooseWeights({ name, weights }: ModelEntry, file: string | undefined): WeightsEntry {
  if (!weights.length) throw new ShapeError(`${name} has no published weights`);
  const found = file === undefined ? weights[0] : weights.find((each) => each.file === file);
  if (found) return found;
  throw new ShapeError(`${name} has no weights '${file}'; it has ${weights.map((each) => each.file).join(', ')}`);
}

function isRight(weights: WeightsEntry, hash: string): boolean {
  return hash.startsWith(weights.sha256.toLowerCase());
}

function byHand({ file, sha256: prefix, url }: WeightsEntry, folder: string): string {
  const published = url ? `, published at ${url}` : '';
  return (
    `Put ${file} (its SHA-256 begins with ${prefix}${published}) into ${folder} ` +
    `or set WGRAD_WEIGHTS_URL to the address of a folder that has it`
  );
}
