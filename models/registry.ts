// Every model by name. A new family is one import and one line here.
import type { AnyModule, Module } from '../engine/nn/module.ts';
import { ShapeError } from '../kernels/errors.ts';
import { ALEXNET_ENTRIES } from './alexnet.ts';
import type { ModelEntry, ModelOptions } from './entry.ts';
import { GOOGLENET_ENTRIES } from './googlenet.ts';
import { INCEPTION_RESNET_ENTRIES } from './inceptionResnet.ts';
import { LENET_ENTRIES } from './lenet.ts';
import { MNIST_CONV_NET_ENTRIES } from './mnistConvNet.ts';
import { MOBILENET_V1_ENTRIES } from './mobilenetV1.ts';
import { NIN_ENTRIES } from './nin.ts';
import { RESNET_ENTRIES } from './resnet.ts';
import { RESNET_CIFAR_ENTRIES } from './resnetCifar.ts';
import { SQUEEZENET_ENTRIES } from './squeezenet.ts';
import { suggestion } from './suggestion.ts';
import { VGG_ENTRIES } from './vgg.ts';

const ENTRIES: readonly ModelEntry[] = [
  ...LENET_ENTRIES,
  ...MNIST_CONV_NET_ENTRIES,
  ...ALEXNET_ENTRIES,
  ...VGG_ENTRIES,
  ...NIN_ENTRIES,
  ...GOOGLENET_ENTRIES,
  ...RESNET_ENTRIES,
  ...RESNET_CIFAR_ENTRIES,
  ...INCEPTION_RESNET_ENTRIES,
  ...SQUEEZENET_ENTRIES,
  ...MOBILENET_V1_ENTRIES,
];

/** Names that `createModel` takes. */
export function listModels(): string[] {
  return ENTRIES.map(({ name }) => name);
}

/** What is known of every model. */
export function modelEntries(): readonly ModelEntry[] {
  return ENTRIES;
}

/**
 * What is known of one model.
 * @throws ShapeError for a name that is not in `listModels()`
 */
export function modelEntry(name: string): ModelEntry {
  const found = ENTRIES.find((entry) => entry.name === name);
  if (found) return found;
  const models = listModels();
  throw new ShapeError(`unknown model '${name}'${suggestion(name, models) || `; there is ${models.join(', ')}`}`);
}

/**
 * A fresh model; call `to(device)` before use. With `auxLogits` it may give several tensors in training.
 * @throws ShapeError for a name that is not in `listModels()`, or an option that the model has no use for
 */
export function createModel(name: string, options?: ModelOptions & { auxLogits?: false }): Module;
export function createModel(name: string, options: ModelOptions): AnyModule;
export function createModel(name: string, options: ModelOptions = {}): AnyModule {
  return modelEntry(name).create(options);
}
