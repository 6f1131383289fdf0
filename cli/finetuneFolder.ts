// The folder of a fine-tuning:
//
//   config.json   metrics.jsonl   model.safetensors (of the best epoch so far)   lr-find.svg   and the reports
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyModule } from '../engine/nn/module.ts';
import { makeFolder } from '../engine/node/makeFolder.ts';
import { replaceFile } from '../engine/node/replaceFile.ts';
import { writeCheckpoint } from '../engine/node/writeCheckpoint.ts';
import {
  type FineTuneEpoch,
  type FineTuneResult,
  type FineTuneStep,
  type LrFindResult,
  lrFindSvg,
} from '../training/index.ts';
import { MetricsLog } from '../training/node/metricsLog.ts';
import { writeReports } from '../training/node/runReports.ts';
import type { Labelled } from './finetuneData.ts';
import { type FinetunedConfig, parseFinetunedConfig } from './finetunedConfig.ts';
import { UsageError } from './usageError.ts';

/** What a run leaves that is worth keeping: what stopped before the end of its first epoch is replaced. */
const RESULTS = ['model.safetensors', 'checkpoint'];

export class FinetuneFolder {
  readonly path: string;
  readonly #config: FinetunedConfig;
  readonly #log: MetricsLog;
  #charts: { file: string; title: string; svg: string }[] = [];
  #frozen: readonly string[] = [];

  /** Makes the folder and writes config.json. */
  constructor(path: string, config: FinetunedConfig) {
    this.path = path;
    this.#config = config;
    this.#log = new MetricsLog(join(path, 'metrics.jsonl'));
    makeFolder(path);
    rmSync(join(path, 'metrics.jsonl'), { force: true }); // of a run that ended before its first epoch did
    replaceFile(join(path, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  }

  /** @throws UsageError when a folder holds results, or what is not ours */
  static check(path: string): void {
    if (existsSync(path) && !statSync(path).isDirectory()) throw new UsageError(`--out ${path} is no folder`);
    const taken = RESULTS.find((file) => existsSync(join(path, file)));
    if (taken) throw new UsageError(`${path} holds a run already (${taken}): choose another --out`);
    const foreign = ['config.json', 'metrics.jsonl'].find((file) => existsSync(join(path, file)));
    if (foreign && !holdsOurConfig(path)) {
      throw new UsageError(`${path} holds something else already (${foreign}): choose another --out`);
    }
  }

  async addSweep(found: LrFindResult): Promise<void> {
    const chart = { file: 'lr-find.svg', title: 'Loss over the learning rate', svg: await lrFindSvg(found) };
    this.#charts.push(chart);
    replaceFile(join(this.path, chart.file), chart.svg);
    replaceFile(join(this.path, 'lr-find.json'), `${JSON.stringify(found)}\n`);
  }

  addStep({ progress: { step, epoch, seconds }, loss, lr }: FineTuneStep): void {
    this.#log.append({ kind: 'step', step, epoch: epoch + 1, loss, lr, seconds });
  }

  addEpoch({
    epoch,
    step,
    trainLoss,
    trainAccuracy,
    imagesPerSecond,
    totalSeconds,
    split,
    evaluation,
  }: FineTuneEpoch): void {
    const tested = { testLoss: evaluation.loss, testAccuracy: evaluation.accuracy };
    const speed = { imagesPerSecond, seconds: totalSeconds };
    this.#log.append({ kind: 'epoch', epoch, step, trainLoss, trainAccuracy, ...tested, split, ...speed });
  }

  /** The last lines are those of the report. */
  addFrozen(lines: readonly string[]): void {
    this.#frozen = lines;
  }

  async save(model: AnyModule): Promise<void> {
    await writeCheckpoint(join(this.path, 'model.safetensors'), await model.stateDict(), {
      metadata: { format: 'pt' },
    });
  }

  /** Pictures and reports. @returns all files of the folder */
  async finish(testSet: Labelled, { before, test, bestEpoch, frozenParameters, trainedParameters }: FineTuneResult) {
    const { rows } = this.#log.read();
    const { settings, ...config } = this.#config;
    const reports = await writeReports(
      this.path,
      { rows, testSet, test: test!, config: { ...config, ...settings } },
      {
        title: `${config.model} fine-tuned on ${config.dataset}`,
        facts: [
          ['test accuracy before', `${(100 * before.accuracy).toFixed(2)} %`],
          ['values of epoch', String(bestEpoch)],
          ['frozen parameters', String(frozenParameters)],
          ['trained parameters', String(trainedParameters)],
        ],
        charts: this.#charts,
        listings: [{ title: 'Frozen layers', lines: this.#frozen }],
      },
    );
    return [...['model.safetensors', 'config.json', 'metrics.jsonl'].map((file) => join(this.path, file)), ...reports];
  }
}

function holdsOurConfig(path: string): boolean {
  const file = join(path, 'config.json');
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false; // reading a pipe would wait for its writer
  try {
    return parseFinetunedConfig(file, readFileSync(file, 'utf8')) !== undefined;
  } catch {
    return false;
  }
}
