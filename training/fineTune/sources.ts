// The images of a fine-tuning, by what they are for.
import type { Dataset } from '../../datasets/dataset.ts';
import { Random } from '../../datasets/random.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { type BatchSource, datasetSource, sourceSubset } from './batchSource.ts';
import type { FineTuneSettings } from './options.ts';
import { headOutputs } from './replaceHead.ts';
import type { FineTuneData } from './reports.ts';

export interface Sources {
  train: BatchSource;
  validation?: BatchSource;
  test: BatchSource;
}

/** @throws ShapeError for data without images, or options that need validation images there are none of */
export function openSources(data: FineTuneData, { validationShare, patience, seed, cache }: FineTuneSettings): Sources {
  const open = (given: BatchSource | Dataset) => ('images' in given ? datasetSource(given) : given);
  const all = open(data.train);
  const test = open(data.test);
  const isKept = cache === 'device' || cache === 'disk';
  if (isKept && all.isRandom) {
    throw new ShapeError(
      `fineTune: ${all.name} is augmented, so its features cannot be kept: leave cache '${cache}' out`,
    );
  }
  if (data.validation) return { train: all, validation: open(data.validation), test };
  const { train, validation } = splitOff(all.count, { share: validationShare, seed });
  if (validation.length === 0) {
    if (patience === undefined) return { train: all, test };
    throw new ShapeError(
      'fineTune: patience needs validation images, for the test must not decide: give data.validation or validationShare',
    );
  }
  if (train.length === 0)
    throw new ShapeError(`fineTune: validationShare ${validationShare} leaves no image to train on`);
  return { train: sourceSubset(all, train), validation: sourceSubset(all, validation), test };
}

/** Which of `count` images `fineTune` trains on, and which it holds out: a share of them, drawn by the seed. */
export function splitOff(
  count: number,
  { share, seed }: { share: number; seed: number },
): Record<'train' | 'validation', Uint32Array<ArrayBuffer>> {
  const held = Math.round(count * share);
  const order = new Random(seed, SPLIT_STREAM).shuffle(Uint32Array.from({ length: count }, (_, i) => i));
  return { train: order.slice(held), validation: order.slice(0, held) };
}

/** Streams from 0 up shuffle the epochs. */
const SPLIT_STREAM = 2 ** 32 - 1;

/** @throws ShapeError where classes or images do not fit together */
export function checkClasses(model: AnyModule, head: string, sources: Sources, numClasses: number | undefined): void {
  const outputs = numClasses ?? headOutputs(model.getSubmodule(head));
  for (const { name, classes, shape } of Object.values(sources) as BatchSource[]) {
    if (outputs !== undefined && classes.length !== outputs) {
      const hint = numClasses === undefined ? `: give numClasses ${classes.length}` : '';
      const what = numClasses === undefined ? `the head ${head} has` : 'numClasses is';
      throw new ShapeError(`fineTune: ${name} has ${classes.length} classes, but ${what} ${outputs}${hint}`);
    }
    if (shape.join() === sources.train.shape.join()) continue;
    const [found, wanted] = [shape, sources.train.shape].map((each) => each.join(', '));
    throw new ShapeError(`fineTune: images of ${name} are [${found}], those to train on [${wanted}]`);
  }
}
