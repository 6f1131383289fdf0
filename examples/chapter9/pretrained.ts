// `models.alexnet(pretrained=True)`: ImageNet weights for a model, or a word about why there are none.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createModel, modelEntry, type WeightsEntry } from 'wgrad/models';
import { FetchError, fetchWeights, weightsFolder } from 'wgrad/models/node';
import type { Module } from 'wgrad/nn';
import { loadWeights, openCheckpoint } from 'wgrad/node';
import type { Arguments } from './arguments.ts';

/**
 * A model with its published weights, from the folder `pretrained` of `--data` or wgrad's own (`$WGRAD_HOME/weights`);
 * downloaded where they are in neither. Prints where its values come from.
 * @param options.orRandom where only the architecture matters: without the file, or with `--quick`, random values will
 *   do. Default false
 * @throws FetchError naming the file, its hash and where to put it
 */
export async function pretrained(name: string, given: Arguments, { orRandom = false } = {}): Promise<Module> {
  const weights = modelEntry(name).weights.find(({ isPartial }) => !isPartial)!;
  const model = createModel(name, weights.options ?? {}) as Module;
  if (orRandom && given.quick) {
    console.log(`(--quick: ${name} with random values instead of ${weights.file})\n`);
    return model;
  }
  try {
    await load(model, weights, given);
    console.log(`(${name} with the weights of ${weights.file})\n`);
  } catch (error) {
    if (!(orRandom && error instanceof FetchError)) throw error;
    console.log(`(${name} with random values, which do here: ${error.message})\n`);
  }
  return model;
}

/**
 * SqueezeNet 1.1 whose features have torchvision's weights, from `lpips_squeeze.pt`: the file has no classifier, so that
 * of the model is random. Found, and told of, as the weights of `pretrained`.
 * @throws FetchError as there
 */
export async function pretrainedTrunk(given: Arguments): Promise<Module> {
  const model = createModel('squeezenet1_1');
  const weights = modelEntry('squeezenet1_1').weights.find(({ isPartial }) => isPartial)!;
  await load(model, weights, given);
  console.log(`(--quick: squeezenet1_1 with the features of ${weights.file} and a random classifier)\n`);
  return model;
}

async function load(model: Module, weights: WeightsEntry, { data }: Arguments): Promise<void> {
  const { file, rename, isPartial = false } = weights;
  const own = data === undefined ? undefined : join(data, 'pretrained');
  const folder = own && existsSync(join(own, file)) ? own : weightsFolder();
  const checkpoint = await openCheckpoint(await fetchWeights(weights, { folder }));
  try {
    await loadWeights(model, checkpoint, { rename, strict: !isPartial });
  } finally {
    await checkpoint.close();
  }
}
