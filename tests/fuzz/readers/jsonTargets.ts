// Readers of what wgrad itself keeps as JSON: anybody may have written it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFinetunedConfig } from '../../../cli/finetunedConfig.ts';
import { transformFromJSON } from '../../../datasets/transforms/transformFromJSON.ts';
import { parseTuning } from '../../../engine/tune/tuningCache.ts';
import { FormatError, ShapeError } from '../../../kernels/errors.ts';
import { checkState } from '../../../training/node/checkpointState.ts';
import { parseManifest } from '../../../training/node/manifest.ts';
import { MetricsLog } from '../../../training/node/metricsLog.ts';
import { checkRunConfig } from '../../../training/runConfig.ts';
import { mutateJson, mutateJsonLines } from './mutate/json.ts';
import { corpusFiles } from './seeds.ts';
import { MIB, type Target } from './target.ts';

const mutators = [mutateJson, mutateJson, mutateJson];
const common = { mutators, refusals: [FormatError], bound: { base: 64 * MIB, perByte: 64 } };
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const jsonTargets: readonly Target[] = [
  {
    name: 'checkpoint state',
    seeds: () => corpusFiles('state'),
    read: (bytes) => checkRunConfig('state.json: config', checkState('state.json', textOf(bytes)).config),
    ...common,
    share: 6,
  },
  {
    name: 'checkpoint manifest',
    seeds: () => corpusFiles('manifest'),
    read: (bytes) => parseManifest('manifest.json', textOf(bytes)),
    ...common,
    share: 4,
  },
  {
    name: 'metrics',
    seeds: () => corpusFiles('metrics'),
    read: (bytes, folder) => {
      const path = join(folder, 'metrics.jsonl');
      writeFileSync(path, bytes);
      return new MetricsLog(path).read();
    },
    ...common,
    mutators: [mutateJsonLines, mutateJsonLines, mutateJsonLines],
    share: 4,
  },
  {
    name: 'tuning cache',
    seeds: () => corpusFiles('tuning'),
    read: (bytes) => parseTuning('tune.json', textOf(bytes)),
    ...common,
    share: 4,
  },
  {
    name: 'finetuned config',
    seeds: () => corpusFiles('finetuned'),
    read: (bytes) => parseFinetunedConfig('config.json', textOf(bytes)),
    ...common,
    share: 3,
  },
  {
    name: 'transforms',
    seeds: () => corpusFiles('transforms'),
    read: (bytes) => {
      let value: unknown;
      try {
        value = JSON.parse(textOf(bytes));
      } catch (cause) {
        throw new FormatError('no JSON', { cause }); // whoever reads the file says so
      }
      return transformFromJSON(value as Parameters<typeof transformFromJSON>[0]);
    },
    ...common,
    refusals: [FormatError, ShapeError],
    share: 3,
  },
];
