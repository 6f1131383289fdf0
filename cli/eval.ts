// `wgrad eval`: a model with given weights on the test images of a data set.
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { createDevice } from '../engine/node/createDevice.ts';
import { evaluateBatches } from '../training/evaluate.ts';
import { rangeOf } from '../training/fineTune/feed.ts';
import { checkModelFits, type Evaluation } from '../training/index.ts';
import { ProgressBar } from '../training/report/progressBar.ts';
import { PRECISIONS, type Precision } from '../training/stepPrecision.ts';
import { integer } from './arguments.ts';
import { findModel } from './findModel.ts';
import { findWeights } from './findWeights.ts';
import {
  FINETUNE_DATASETS,
  type FinetuneDataset,
  finetuneSource,
  type Labelled,
  openTestPictures,
  workersFor,
} from './finetuneData.ts';
import { loadTestSet } from './loadDatasets.ts';
import { type LoadedModel, loadModel } from './loadModel.ts';
import { modelList } from './modelList.ts';
import { addPreprocessingOptions, choosePreprocessing, type PreprocessingFlags } from './preprocessingOptions.ts';
import { UsageError } from './usageError.ts';

interface EvalFlags extends PreprocessingFlags {
  weights?: string;
  dataset: FinetuneDataset;
  data?: string;
  limit?: number;
  batchSize: number;
  workers?: number;
  precision?: Precision;
  json?: boolean;
  adapter?: string;
}

export function evalCommand(): Command {
  const command = new Command('eval')
    .description('Test a model on the test images of a data set')
    .argument('<model>', 'one of those below')
    .option(
      '--weights <file>',
      "PyTorch's or safetensors; of a run: checkpoint/model.safetensors (default: published ones)",
    )
    .addOption(
      new Option(
        '--dataset <name>',
        'its test images; imagefolder: those of --data, in test/<class>/, val/<class>/ or <class>/',
      )
        .choices(FINETUNE_DATASETS)
        .makeOptionMandatory(),
    )
    .option('--data <folder>', 'the files of the data set, or a folder above them (default: WGRAD_DATA)')
    .option('--limit <n>', 'test on the first n images only', integer(1))
    .option('--batch-size <n>', 'images at once', integer(1), 100)
    .addOption(new Option('--precision <name>', 'of activations (default: float32)').choices(PRECISIONS))
    .option('--workers <n>', 'threads that prepare images (default: up to 4 for imagefolder, else 0)', integer(0));
  return addPreprocessingOptions(command)
    .option('--json', 'print one line of JSON on stdout')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(evalModel);
}

/** The result goes to stdout, progress and what was chosen to stderr. */
async function evalModel(name: string, flags: EvalFlags): Promise<void> {
  const { dataset, limit, batchSize, precision, json = false, adapter } = flags;
  const entry = findModel(name);
  const root = flags.data ?? (process.env.WGRAD_DATA || undefined);
  const data = root === undefined ? null : resolve(root);
  const testSet: Labelled =
    dataset === 'imagefolder' ? await openTestPictures(data) : await loadTestSet({ dataset, data });
  const path = await findWeights(entry, flags.weights);
  const device = await createDevice(adapter === undefined ? {} : { adapter });
  const loaded = await loadModel(entry, path, device);
  const { model, numClasses } = loaded;
  if (numClasses !== testSet.classes.length) {
    throw new UsageError(`${path} has ${numClasses} classes, but ${dataset} has ${testSet.classes.length}`);
  }
  checkClassNames(loaded, testSet);
  const inMemory = 'images' in testSet ? testSet : undefined;
  const { preprocessing, description } = choosePreprocessing(loaded, flags, inMemory);
  const source = await finetuneSource(testSet, preprocessing, workersFor(testSet, flags.workers));
  const [, ...size] = source.shape;
  checkModelFits(entry, dataset, size);
  const total = Math.min(limit ?? testSet.count, testSet.count);
  process.stderr.write(`${name} on ${total} images of ${dataset}: ${description}; on ${device.adapterName}\n`);

  const known = trainedOn(loaded);
  if (known !== undefined && known !== dataset) {
    process.stderr.write(`the classes of these weights are those of ${known}, not of ${dataset}\n`);
  }

  const started = performance.now();
  const imagesPerSecond = (done: number) => (1000 * done) / (performance.now() - started);
  const bar = new ProgressBar({ total });
  let result: Evaluation;
  try {
    result = await evaluateBatches(model, device, {
      ...{ total, batchSize, precision, classes: numClasses },
      prepare: (start, end) => source.batch(rangeOf(start, end), 0),
      logits: ({ x, shape }) => model.call(device.tensor(x, shape)),
      onBatch: (done, { top1, loss }) =>
        bar.update(done, { loss: loss / done, accuracy: top1 / done, imagesPerSecond: imagesPerSecond(done) }),
    });
  } finally {
    bar.finish();
    await source.close?.();
  }
  const speed = imagesPerSecond(total);
  if (!json) {
    console.log(resultText(result, speed));
    return;
  }
  const { loss, top1, top5 } = result;
  const counts = { correct: top1, total, top1: top1 / total, top5: top5 / total, loss, imagesPerSecond: speed };
  console.log(
    JSON.stringify({ model: name, dataset, weights: path, ...counts, preprocessing, adapter: device.adapterName }),
  );
}

/** @throws UsageError where fine-tuned weights know pictures of other classes, or in another order */
function checkClassNames({ origin, path }: LoadedModel, { name, classes }: Labelled): void {
  if (origin.kind !== 'finetuned' || origin.config.dataset !== 'imagefolder' || name !== 'image-folder') return;
  const at = classes.findIndex((each, i) => each !== origin.config.classes[i]);
  if (at < 0) return;
  throw new UsageError(
    `${path} was fine-tuned on the classes ${listed(origin.config.classes)}, but the folder has ${listed(classes)}`,
  );
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 10).join(', ')}${names.length > 10 ? ' …' : ''}`;
}

/** The data set whose classes the weights surely know; undefined for files of unknown origin. */
function trainedOn({ origin }: LoadedModel): string | undefined {
  if (origin.kind === 'run' || origin.kind === 'finetuned') return origin.config.dataset;
  return origin.kind === 'published' ? origin.weights.classes : undefined;
}

function resultText({ loss, total, top1, top5 }: Evaluation, imagesPerSecond: number): string {
  const share = (count: number) => `${((100 * count) / total).toFixed(2)} %`;
  return (
    `top-1 ${share(top1)} (${top1} of ${total} right), top-5 ${share(top5)}, ` +
    `loss ${loss.toFixed(4)} (${Math.round(imagesPerSecond)} images/s)`
  );
}
