// Where a file of weights comes from: that decides how the model is built, and how images are prepared for it.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readBounded } from '../datasets/node/readBounded.ts';
import { FormatError } from '../kernels/errors.ts';
import type { ModelEntry, WeightsEntry } from '../models/entry.ts';
import { modelEntries } from '../models/index.ts';
import { sha256 } from '../models/node/sha256.ts';
import { checkRunConfig, type RunConfig } from '../training/index.ts';
import { UsageError } from './usageError.ts';

export type WeightsOrigin =
  | { readonly kind: 'published'; readonly weights: WeightsEntry }
  /** Saved by `wgrad train`. */
  | { readonly kind: 'run'; readonly config: RunConfig }
  | { readonly kind: 'unknown' };

const MAX_STATE_BYTES = 16 * 2 ** 20;

/**
 * Published files are known by their name or their SHA-256, runs by the state.json beside their weights.
 * @throws UsageError when the file is of a run of another model, FormatError when the run's state.json is damaged
 */
export async function weightsOrigin(entry: ModelEntry, path: string): Promise<WeightsOrigin> {
  const config = await runConfigBeside(path);
  if (config) {
    if (config.model === entry.name) return { kind: 'run', config };
    throw new UsageError(`${path}: was saved by a run of ${config.model}, not of ${entry.name}`);
  }
  const named = entry.weights.find(({ file }) => file === basename(path));
  if (named) return { kind: 'published', weights: named };
  const digest = (entry.weights.length && (await sha256(path))) || '';
  const equal = entry.weights.find((weights) => digest.startsWith(weights.sha256));
  return equal ? { kind: 'published', weights: equal } : { kind: 'unknown' };
}

/** The model whose published file this is, by its SHA-256: `; it is the file of resnet32`, or an empty text. */
export async function ownerHint(path: string): Promise<string> {
  const digest = (await sha256(path)) ?? '';
  const owners = modelEntries().filter(({ weights }) => weights.some((each) => digest.startsWith(each.sha256)));
  return owners.length ? `; by its SHA-256 it is the file of ${owners.map(({ name }) => name).join(', ')}` : '';
}

async function runConfigBeside(path: string): Promise<RunConfig | undefined> {
  const file = join(dirname(path), 'state.json');
  if (basename(path) !== 'model.safetensors' || !existsSync(file)) return undefined;
  const { bytes } = await readBounded(file, MAX_STATE_BYTES);
  let state: { format?: unknown; config?: unknown } | null;
  try {
    state = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new FormatError(`${file}: expected JSON: ${(cause as Error).message}`, { cause });
  }
  return state?.format === 'wgrad checkpoint' ? checkRunConfig(`${file}: config`, state.config) : undefined;
}
