// `wgrad train`
import { Command, Option } from 'commander';
import { checkpointFolder, readCheckpoint } from '../training/node/index.ts';
import { mpiEnvironment } from '../training/node/mpi/index.ts';
import { NON_FINITE_POLICIES } from '../training/nonFinite.ts';
import { OPTIMIZERS, SCHEDULERS } from '../training/recipe.ts';
import { DATASETS } from '../training/runConfig.ts';
import { PRECISIONS } from '../training/stepPrecision.ts';
import { integer, integerOrAuto, real } from './arguments.ts';
import { inRanks, type Ranks } from './inRanks.ts';
import { modelList } from './modelList.ts';
import { checkNewRun, newRunFolder } from './newRunFolder.ts';
import { startRun } from './startRun.ts';
import { newConfig, resumedConfig, type TrainFlags } from './trainOptions.ts';
import { addTuningOptions } from './tuningOptions.ts';
import { UsageError } from './usageError.ts';

export function trainCommand(): Command {
  const command = new Command('train')
    .description('Train a model from scratch, or resume a run that was stopped')
    .argument('[model]', 'one of those below; may be left out with --resume')
    .addOption(
      new Option('--dataset <name>', 'default: mnist where its files are found, else glyphs').choices(DATASETS),
    )
    .option('--data <folder>', 'the files of the data set, or a folder above them (default: WGRAD_DATA)')
    .option('--epochs <n>', 'default: 3', integer(1))
    .option('--batch-size <n>', 'or auto: as many as speed and memory want (default: 64)', integerOrAuto(1))
    .option('--accumulate <n>', 'batches whose mean gradient makes one update (default: 1)', integer(1))
    .addOption(new Option('--optimizer <name>', 'default: sgd').choices(OPTIMIZERS))
    .option(
      '--lr <rate>',
      'highest learning rate (default: 0.05 for sgd, 0.004 for adam)',
      real({ low: 0, isAbove: true }),
    )
    .option('--momentum <share>', 'of sgd (default: 0.9) and rmsprop (default: 0)', real({ low: 0 }))
    .option('--weight-decay <rate>', 'default: 0, 0.01 for adamw', real({ low: 0 }))
    .addOption(new Option('--scheduler <name>', 'default: onecycle').choices(SCHEDULERS))
    .addOption(
      new Option('--precision <name>', 'of activations and their gradients (default: float32)').choices(PRECISIONS),
    )
    .addOption(
      new Option(
        '--non-finite <what>',
        'at a NaN or an infinity: stop the run, skip the step, or ignore it (default: stop)',
      ).choices(NON_FINITE_POLICIES),
    )
    .option('--warmup <steps>', 'rise of the learning rate before the schedule begins (default: 0)', integer(0))
    .option('--seed <n>', 'of weights, order and dropout (default: 0)', integer(0))
    .option('--limit <n>', 'train on the first n images only', integer(1))
    .option('--out <folder>', "the run's folder (default: a new one in runs/)")
    .option('--resume', 'continue the run in --out')
    .option('--checkpoint-every <steps>', 'write a checkpoint this often, besides after each epoch', integer(1))
    .option('--sync-batch-norm', 'under mpirun: batch norm looks at the images of all ranks (default: at its own)')
    .option('--mpi-timeout <seconds>', 'under mpirun: how long a rank waits for another one (default: 60)', integer(1))
    .option('--json', 'print one line of JSON on stdout at the end')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(train);
  return addTuningOptions(command);
}

async function train(model: string | undefined, flags: TrainFlags): Promise<void> {
  if (flags.syncBatchNorm && !mpiEnvironment())
    throw new UsageError('--sync-batch-norm needs several ranks: mpirun -n 2');
  await inRanks(flags, (ranks) => trainAlone(model, flags, ranks));
}

async function trainAlone(model: string | undefined, flags: TrainFlags, ranks: Ranks | undefined): Promise<void> {
  const { json, tune, checkpointEvery } = flags;
  const adapter = ranks ? ranks.adapter : flags.adapter;
  const distributed = ranks?.parallel;
  const size = distributed?.size ?? 1;
  if (flags.resume) {
    if (flags.out === undefined) throw new UsageError('--resume needs --out <folder>: which run?');
    const checkpoint = readCheckpoint(checkpointFolder(flags.out), {
      onDamage: (message) => process.stderr.write(`${message}\n`),
    });
    const config = resumedConfig(checkpoint, model, flags);
    const { ranks: before = 1 } = config;
    if (before !== size) {
      throw new UsageError(
        `the run in ${flags.out} was begun with mpirun -n ${before}: resume it so, not with ${size}`,
      );
    }
    if ((config.syncBatchNorm ?? false) !== (flags.syncBatchNorm ?? false)) {
      throw new UsageError(
        `the run in ${flags.out} was begun ${config.syncBatchNorm ? 'with' : 'without'} --sync-batch-norm: resume it so`,
      );
    }
    await startRun({ config, out: flags.out, checkpoint, checkpointEvery, json, adapter, tune, distributed });
    return;
  }
  if (model === undefined) throw new UsageError('which model? wgrad train lenet5, for example; --help lists them all');
  const config = { ...newConfig(model, flags), ...(distributed && { ranks: size }) };
  if (flags.syncBatchNorm) config.syncBatchNorm = true;
  const out = flags.out ?? newRunFolder(config);
  if (distributed?.isMain ?? true) checkNewRun(out);
  await startRun({ config, out, checkpointEvery, json, adapter, tune, distributed });
}
