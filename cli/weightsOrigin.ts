// Where a file of weights comes from: that decides how the model is built, and how images are prepared for it.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileHash } from '../datasets/node/download/fileHash.ts';
import { readBounded } from '../datasets/node/readBounded.ts';
import { FormatError } from '../kernels/errors.ts';
import type { ModelEntry, WeightsEntry } from '../models/entry.ts';
import { modelEntries } from '../models/index.ts';
import { checkRunConfig, type RunConfig } from '../training/index.ts';
import { type FinetunedConfig, parseFinetunedConfig } from './finetunedConfig.ts';
import { UsageError } from './usageError.ts';

export type WeightsOrigin =
  | { readonly kind: 'published'; readonly weights: WeightsEntry }
  /** Saved by `wgrad train`. */
  | { readonly kind: 'run'; readonly config: RunConfig }
  /** Saved by `wgrad finetune`. */
  | { readonly kind: 'finetuned'; readonly config: FinetunedConfig }
  | { readonly kind: 'unknown' };

const MAX_STATE_BYTES = 16 * 2 ** 20;

/**
 * Published files are known by their name or their SHA-256, runs by the state.json beside their weights, fine-tuned
 * weights by their config.json.
 * @throws UsageError when the file is of a run of another model, FormatError when the run's JSON is damaged
 */
export async function weightsOrigin(entry: ModelEntry, path: string): Promise<WeightsOrigin> {
  const run = await runBeside(path);
  if (run) {
    if (run.config.model === entry.name) return run;
    throw new UsageError(`${path}: was saved by a run of ${run.config.model}, not of ${entry.name}`);
  }
  const named = entry.weights.find(({ file }) => file === basename(path));
  if (named) return { kind: 'published', weights: named };
  const digest = (entry.weights.length && (await fileHash(path, 'sha256'))) || '';
  const equal = entry.weights.find((weights) => digest.startsWith(weights.sha256));
  return equal ? { kind: 'published', weights: equal } : { kind: 'unknown' };
}

/** The model whose published file this is, by its SHA-256: `; it is the file of resnet32`, or an empty text. */
export async function ownerHint(path: string): Promise<string> {
  const digest = (await fileHash(path, 'sha256')) ?? '';
  const owners = modelEntries().filter(({ weights }) => weights.some((each) => digest.startsWith(each.sha256)));
  return owners.length ? `; by its SHA-256 it is the file of ${owners.map(({ name }) => name).join(', ')}` : '';
}

type RunOrigin = Extract<WeightsOrigin, { kind: 'run' | 'finetuned' }>;

async function runBeside(path: string): Promise<RunOrigin | undefined> {
  if (basename(path) !== 'model.safetensors') return undefined;
  const [stateFile, configFile] = ['state.json', 'config.json'].map((name) => join(dirname(path), name));
  if (existsSync(configFile)) {
    const config = parseFinetunedConfig(configFile, await readText(configFile));
    if (config) return { kind: 'finetuned', config };
  }
  if (!existsSync(stateFile)) return undefined;
  let state: { format?: unknown; config?: unknown } | null;
  try {
    state = JSON.parse(await readText(stateFile));
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${stateFile}: expected JSON: ${(cause as Error).message}`, { cause });
  }
  if (state?.format !== 'wgrad checkpoint') return undefined;
  return { kind: 'run', config: checkRunConfig(`${stateFile}: config`, state.config) };
}

async function readText(file: string): Promise<string> {
  const { bytes } = await readBounded(file, MAX_STATE_BYTES);
  return new TextDecoder().decode(bytes);
}
