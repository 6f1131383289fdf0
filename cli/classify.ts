// `wgrad classify`: what a model sees in pictures.
import { Command } from 'commander';
import type { Image } from '../datasets/images/image.ts';
import { type Preprocessed, preprocess } from '../datasets/images/preprocess.ts';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import { loadImage } from '../datasets/node/loadImage.ts';
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import type { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';
import { checkModelFits } from '../training/index.ts';
import { type Classification, topClasses } from '../training/topClasses.ts';
import { integer } from './arguments.ts';
import { checkFile } from './checkFile.ts';
import { classificationText } from './classificationText.ts';
import { classNames } from './classNames.ts';
import { findModel } from './findModel.ts';
import { findWeights } from './findWeights.ts';
import { loadModel } from './loadModel.ts';
import { modelList } from './modelList.ts';
import {
  addPreprocessingOptions,
  choosePreprocessing,
  type PreprocessingFlags,
  withCrop,
} from './preprocessingOptions.ts';

interface ClassifyFlags extends PreprocessingFlags {
  model: string;
  weights?: string;
  classes?: string;
  top: number;
  json?: boolean;
  adapter?: string;
}

/** Images that go through the model at once. */
const BATCH_SIZE = 16;

export function classifyCommand(): Command {
  const command = new Command('classify')
    .description('Say what is in pictures: the most probable classes of each')
    .argument('<image...>', 'JPEG or PNG files')
    .requiredOption('--model <name>', 'one of those below')
    .option(
      '--weights <file>',
      "PyTorch's or safetensors; of a run: checkpoint/model.safetensors (default: published ones)",
    )
    .option('--classes <file>', "the classes' names, a line each (default: those of the weights' data set)")
    .option('--top <n>', 'classes shown', integer(1), 5);
  return addPreprocessingOptions(command)
    .option('--json', 'print one line of JSON on stdout')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(classify);
}

/** All pictures are read before the first is classified, so nothing is printed when one of them is damaged. */
async function classify(paths: string[], flags: ClassifyFlags): Promise<void> {
  const { top, json = false, adapter } = flags;
  const entry = findModel(flags.model);
  for (const path of paths) checkFile(path, 'a picture');
  if (flags.classes !== undefined) checkFile(flags.classes, 'names of classes, a line each');
  const weights = await findWeights(entry, flags.weights);
  const device = await createDevice(adapter === undefined ? {} : { adapter });
  const loaded = await loadModel(entry, weights, device);
  const names = await classNames(loaded, flags.classes);
  const chosen = choosePreprocessing(loaded, flags);
  const preprocessing = withCrop(chosen.preprocessing, entry.inputShape);
  process.stderr.write(`${entry.name} with ${weights}: ${chosen.description}; on ${device.adapterName}\n`);

  const inputs: Float32Array[] = [];
  let shape: [number, number, number] = [0, 0, 0];
  for (const path of paths) {
    const input = prepare(path, await loadImage(path), preprocessing);
    shape = input.shape; // of all of them: they are cropped
    inputs.push(input.data);
  }
  checkModelFits(entry, 'the pictures, as prepared,', [shape[1], shape[2]]);

  const results: { image: string; top: Classification[] }[] = [];
  while (results.length < paths.length) {
    const batch = inputs.slice(results.length, results.length + BATCH_SIZE);
    for (const row of await logitsOf(loaded.model, device, { inputs: batch, shape })) {
      results.push({ image: paths[results.length]!, top: topClasses(row, { names, top }) });
    }
  }
  if (json) console.log(JSON.stringify({ results }));
  else console.log(results.map(({ image, top }) => classificationText(image, top)).join('\n\n'));
}

/** @throws ShapeError naming the picture: one of 5000x1 pixels, resized, would be too wide */
function prepare(path: string, image: Image, preprocessing: Preprocessing): Preprocessed {
  try {
    return preprocess(image, preprocessing);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(`${path}: ${image.width}x${image.height} pixels: ${error.message}`, { cause: error });
  }
}

/** A row of logits for each input [c, h, w]. */
async function logitsOf(
  model: AnyModule,
  device: Device,
  { inputs, shape }: { inputs: readonly Float32Array[]; shape: readonly [number, number, number] },
): Promise<Float32Array[]> {
  const size = inputs[0]!.length;
  const x = new Float32Array(inputs.length * size);
  for (const [i, input] of inputs.entries()) x.set(input, i * size);
  using _ = device.scope();
  const output = device.noGrad(() => model.call(device.tensor(x, [inputs.length, ...shape]))) as Tensor;
  const logits = (await output.data()) as Float32Array;
  const classes = logits.length / inputs.length;
  return inputs.map((_, i) => logits.subarray(i * classes, (i + 1) * classes));
}
