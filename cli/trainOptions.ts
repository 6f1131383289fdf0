// From the options of `wgrad train` to a run's configuration: defaults for a new run, the run's own when it resumes.
import { resolve } from 'node:path';
import { checkRunConfig, defaultRecipe, type RunConfig } from '../training/index.ts';
import type { Checkpoint, NewRunConfig } from '../training/node/index.ts';
import { findModel } from './findModel.ts';
import { hasMnist } from './loadDatasets.ts';
import type { TuningFlags } from './tuningOptions.ts';
import { UsageError } from './usageError.ts';

/** As given; what is absent was not said. */
export type TrainFlags = Partial<Omit<NewRunConfig, 'model'>> & {
  out?: string;
  resume?: boolean;
  checkpointEvery?: number;
  mpiTimeout?: number;
  syncBatchNorm?: boolean;
  json?: boolean;
  adapter?: string;
} & TuningFlags;

/** @throws UsageError */
export function newConfig(model: string, flags: TrainFlags): NewRunConfig {
  const given = configOf(flags);
  findModel(model);
  const { dataset, data } = chooseData(given);
  const defaults = { epochs: 3, batchSize: 64, seed: 0, limit: null };
  return { ...defaults, ...defaultRecipe(given.optimizer), ...given, model, dataset, data };
}

/**
 * The configuration of a saved run.
 * @throws UsageError when an option was given that the run does not have; only the place of the data may change
 */
export function resumedConfig(checkpoint: Checkpoint, model: string | undefined, flags: TrainFlags): RunConfig {
  const config = checkRunConfig(`${checkpoint.folder}/state.json: config`, checkpoint.config);
  const { data = config.data, ...given } = configOf(flags);
  for (const [name, value] of Object.entries({ ...given, ...(model !== undefined && { model }) })) {
    const own = config[name as keyof RunConfig];
    if (own !== value) {
      throw new UsageError(
        `a resumed run keeps its options: ${name} is ${own}, not ${value}. Leave it out, or start a new run without --resume`,
      );
    }
  }
  return { ...config, data: data && resolve(data) };
}

/** What decides what is computed. */
function configOf(flags: TrainFlags): Partial<Omit<NewRunConfig, 'model'>> {
  const { out, resume, checkpointEvery, mpiTimeout, syncBatchNorm, json, adapter, tune, deterministic, ...config } =
    flags;
  return config;
}

/** MNIST where there is a folder to find it in, else the embedded set. */
function chooseData(given: TrainFlags): Pick<RunConfig, 'dataset' | 'data'> {
  const root = given.data ?? (process.env.WGRAD_DATA || undefined);
  const isFound = given.data !== undefined || (root !== undefined && hasMnist(root));
  const dataset = given.dataset ?? (isFound ? 'mnist' : 'glyphs');
  return { dataset, data: dataset === 'glyphs' || root === undefined ? null : resolve(root) };
}
