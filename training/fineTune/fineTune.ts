// Fine-tuning: a pretrained model, a new head, frozen layers, and your own images.
import type { AnyModule } from '../../engine/nn/module.ts';
import { Parameter } from '../../engine/nn/parameter.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { checkCache } from './feed.ts';
import { classWeights } from './fineTuneLoss.ts';
import { freezeLayers } from './freeze.ts';
import { groupRates, layerGroups } from './layerGroups.ts';
import { checkFineTuneOptions, type FineTuneOptions } from './options.ts';
import { replaceHead } from './replaceHead.ts';
import type { FineTuneCallbacks, FineTuneData, FineTuneResult } from './reports.ts';
import { Session } from './session.ts';
import { checkClasses, openSources } from './sources.ts';

/**
 * Fine-tunes a classifier in place: replaces its head (with `numClasses`), freezes layers, tests, trains, puts back the
 * values of the best epoch, tests again.
 *
 *     const model = entry.create();
 *     await loadWeights(model, file);
 *     const { before, test } = await fineTune(model, { train, test }, { device, head: entry.head, numClasses: 10 });
 *
 * Frozen values stay as they are, byte by byte: their parameters get no gradient and are not in the optimizer, frozen
 * batch norms keep their statistics (`frozenBatchNorm`). Dropout stays active in frozen layers, as in PyTorch. What the
 * frozen layers make of an image is computed once where nothing before the first trained layer changes from epoch to
 * epoch, and kept (`cache`); the result is the same bit for bit. The best epoch is chosen by validation images only,
 * never by the test; without any the last epoch's values stay.
 * @param data labelled images in memory, or `BatchSource`s (`datasetSource`, `transformedSource`)
 * @throws ShapeError for options out of range, an unknown layer, classes that do not match, a model that gives no logits
 */
export async function fineTune(
  model: AnyModule,
  data: FineTuneData,
  options: FineTuneOptions & FineTuneCallbacks,
): Promise<FineTuneResult> {
  const settings = checkFineTuneOptions(options);
  checkCache(options);
  const sources = openSources(data, settings);
  const head = options.head ?? lastLayer(model);
  checkClasses(model, head, sources, options.numClasses);
  const groupsOf = () => layerGroups(model, head);
  // these refuse before anything is replaced
  groupRates(groupsOf(), settings);
  classWeights(settings.classWeights, sources.train);
  freezeLayers(model, settings.freeze, head);
  const { device, numClasses } = options;
  if (numClasses !== undefined) replaceHead(model, { head }, numClasses, settings);
  model.to(device, settings);
  const frozen = freezeLayers(model, settings.freeze, head);
  device.manualSeed(settings.seed);
  using session = new Session({ model, sources, settings, options, frozen, groups: groupsOf() });
  return await session.run();
}

function lastLayer(model: AnyModule): string {
  const owners = model
    .namedModules()
    .filter(([, module]) => Object.values(module).some((own) => own instanceof Parameter));
  const [name] = owners.at(-1) ?? [''];
  if (name) return name;
  throw new ShapeError('fineTune: the model has no layer with parameters that could be its head; name it with head');
}
