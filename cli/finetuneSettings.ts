// From the options of `wgrad finetune` to those of `fineTune`, checked before anything is read.
import { checkFineTuneOptions, type FineTuneOptions } from '../training/index.ts';
import type { FinetuneFlags } from './finetune.ts';
import { UsageError } from './usageError.ts';

/** Share of the training images that `--patience` holds out where `--validation` says nothing. */
const PATIENCE_SHARE = 0.1;

/** @throws UsageError or ShapeError for what does not fit together */
export function finetuneSettings(flags: FinetuneFlags): Omit<FineTuneOptions, 'device'> {
  const { validation, patience, augment, cache } = flags;
  if (augment && (cache === 'device' || cache === 'disk')) {
    throw new UsageError(
      `--augment changes images in every epoch, so no features can be kept: leave --cache ${cache} out`,
    );
  }
  const said = pick(flags, [
    ...(['freeze', 'frozenBatchNorm', 'epochs', 'batchSize', 'seed', 'cache'] as const),
    ...(['optimizer', 'lr', 'momentum', 'weightDecay', 'scheduler', 'warmup', 'lrDecay', 'unfreezeEvery'] as const),
    ...(['patience', 'labelSmoothing', 'mixup', 'classWeights', 'clipNorm', 'precision'] as const),
  ]);
  const share = validation ?? (patience === undefined ? 0 : PATIENCE_SHARE);
  const { rates: _, cacheBytes: __, ...settings } = checkFineTuneOptions({ ...said, validationShare: share });
  if (patience !== undefined && share === 0) {
    throw new UsageError('--patience needs images to look at, for the test must not decide: leave --validation 0 out');
  }
  return settings;
}

/** @throws UsageError where `--patience` would have no image to look at, or none is left to train on */
export function checkValidation(
  { patience, validationShare = 0 }: Omit<FineTuneOptions, 'device'>,
  count: number,
): void {
  const held = Math.round(count * validationShare);
  if (patience !== undefined && held === 0) {
    throw new UsageError(
      `--patience needs images to look at: --validation ${validationShare} of ${count} images is none`,
    );
  }
  if (held >= count) throw new UsageError(`--validation ${validationShare} of ${count} images leaves none to train on`);
}

/** What was given of these. */
function pick<Name extends keyof FinetuneFlags>(
  flags: FinetuneFlags,
  names: readonly Name[],
): Pick<FinetuneFlags, Name> {
  return Object.fromEntries(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]))) as Pick<
    FinetuneFlags,
    Name
  >;
}
