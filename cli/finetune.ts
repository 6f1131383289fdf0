// `wgrad finetune`: a pretrained model on other classes.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Freeze, FrozenBatchNorm } from '../training/index.ts';
import { OPTIMIZERS, type Recipe, SCHEDULERS } from '../training/recipe.ts';
import { PRECISIONS, type Precision } from '../training/stepPrecision.ts';
import { integer, real } from './arguments.ts';
import { FINETUNE_DATASETS, type FinetuneDataset } from './finetuneData.ts';
import { startFinetune } from './finetuneRun.ts';
import { modelList } from './modelList.ts';
import { addTuningOptions, type TuningFlags } from './tuningOptions.ts';

/** As given; what is absent was not said. */
export interface FinetuneFlags extends Partial<Recipe>, TuningFlags {
  weights?: string;
  dataset: FinetuneDataset;
  data?: string;
  classes?: number;
  freeze: Freeze;
  frozenBatchNorm: FrozenBatchNorm;
  epochs: number;
  batchSize: number;
  size?: number;
  lrDecay?: number;
  unfreezeEvery?: number;
  labelSmoothing?: number;
  mixup?: number;
  classWeights?: 'balanced' | number[];
  clipNorm?: number;
  precision?: Precision;
  validation?: number;
  patience?: number;
  cache: 'auto' | 'device' | 'disk' | 'none';
  limit?: number;
  testLimit?: number;
  augment?: boolean;
  workers?: number;
  skipBad?: boolean;
  seed: number;
  out?: string;
  lrFind?: boolean;
  json?: boolean;
  adapter?: string;
}

export function finetuneCommand(): Command {
  const command = new Command('finetune')
    .description('Replace the head of a pretrained model, freeze layers, train on other classes, test before and after')
    .argument('<model>', 'one of those below')
    .option('--weights <file>', "what it starts from, head or not; 'none': random values (default: published ones)")
    .addOption(
      new Option('--dataset <name>', 'imagefolder: --data holds train/<class>/ and test/ or val/<class>/')
        .choices(FINETUNE_DATASETS)
        .makeOptionMandatory(),
    )
    .option('--data <folder>', 'the files of the data set, or a folder above them (default: WGRAD_DATA)')
    .option('--classes <n>', 'checked against the data set (default: as it has)', integer(1))
    .option('--freeze <what>', 'backbone: all but the head; none; until:LAYER: all before it', freeze, 'backbone')
    .addOption(
      new Option('--frozen-batch-norm <mode>', 'eval: running statistics are used and kept; train: they move')
        .choices(['eval', 'train'])
        .default('eval'),
    )
    .option('--epochs <n>', 'times through the training images', integer(1), 5)
    .option('--batch-size <n>', 'images at once', integer(1), 64)
    .option('--size <pixels>', 'images are resized to a square of this side (default: said when it starts)', integer(1))
    .option('--augment', 'random crops and flips of the training images; no features are kept then')
    .option('--workers <n>', 'threads that prepare images (default: up to 4 for imagefolder, else 0)', integer(0))
    .option('--skip-bad', 'leave out pictures of an imagefolder that cannot be read, and say which')
    .addOption(new Option('--optimizer <name>', 'default: adam').choices(OPTIMIZERS))
    .addOption(
      new Option('--precision <name>', 'of activations and their gradients (default: float32)').choices(PRECISIONS),
    )
    .option('--lr <rate>', 'highest, of the head (default: by optimizer)', real({ low: 0, isAbove: true }))
    .option(
      '--lr-decay <factor>',
      "a layer group's rate is its successor's times this (default: 0.8; 1 for a head alone)",
      real({ low: 0, isAbove: true }),
    )
    .option('--lr-find', 'sweep over rates first, draw it, and without --lr train with the one it suggests')
    .option('--momentum <share>', 'of sgd (default: 0.9) and rmsprop (default: 0)', real({ low: 0 }))
    .option('--weight-decay <rate>', 'default: 0, 0.01 for adamw', real({ low: 0 }))
    .addOption(new Option('--scheduler <name>', 'default: cosine').choices(SCHEDULERS))
    .option('--warmup <steps>', 'rise of the rate before the schedule begins (default: 0)', integer(0))
    .option('--unfreeze-every <n>', 'frees the next frozen group, from the head down, every n epochs', integer(1))
    .option('--label-smoothing <share>', 'default: 0', real({ low: 0 }))
    .option('--mixup <alpha>', 'mixes images and labels; no features are kept then (default: 0)', real({ low: 0 }))
    .option('--class-weights <weights>', 'balanced, or a number for each class: 1,2,0.5', weights)
    .option('--clip-norm <norm>', 'largest norm of the gradient', real({ low: 0, isAbove: true }))
    .option('--validation <share>', 'of the training images, held out to choose the best epoch', real({ low: 0 }))
    .option(
      '--patience <epochs>',
      'ends without improvement for so long (holds a tenth out for validation)',
      integer(1),
    )
    .addOption(
      new Option(
        '--cache <where>',
        "features of frozen layers are kept; auto: the device's memory up to 512 MiB, else the disk",
      )
        .choices(['auto', 'device', 'disk', 'none'])
        .default('auto'),
    )
    .option('--limit <n>', 'train on the first n images only', integer(1))
    .option('--test-limit <n>', 'test on the first n images only', integer(1))
    .option('--seed <n>', 'of the new head, order, dropout and augmentation', integer(0), 0)
    .option('--out <folder>', "the run's folder (default: a new one in runs/)")
    .option('--json', 'print one line of JSON on stdout at the end')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(startFinetune);
  return addTuningOptions(command);
}

function freeze(text: string): Freeze {
  if (text === 'backbone' || text === 'none' || /^until:.+/.test(text)) return text as Freeze;
  throw new InvalidArgumentError('backbone, none or until:LAYER is expected.');
}

function weights(text: string): 'balanced' | number[] {
  if (text === 'balanced') return text;
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.every((value) => Number.isFinite(value) && value >= 0)) return values;
  throw new InvalidArgumentError('balanced, or numbers of at least 0 separated by commas, is expected.');
}
