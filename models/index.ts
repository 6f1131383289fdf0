// Models by name, for the command line and for whoever lets users choose.
import type { Module } from '../engine/nn/module.ts';
import { ShapeError } from '../kernels/errors.ts';
import { LeNet5 } from './lenet.ts';

export { LeNet5, type LeNet5Options } from './lenet.ts';

/** What every model can be built with. */
export interface ModelOptions {
  /** Default: the data set the model was made for. */
  numClasses?: number;
  /** Channels of the images; default likewise. */
  inChannels?: number;
}

/** Names that `createModel` takes. */
export function listModels(): string[] {
  return Object.keys(builders());
}

/**
 * A fresh model; call `to(device)` before use.
 * @throws ShapeError for a name that is not in `listModels()`
 */
export function createModel(name: string, options: ModelOptions = {}): Module {
  const models = builders();
  if (!Object.hasOwn(models, name)) {
    throw new ShapeError(`unknown model '${name}'; there is ${Object.keys(models).join(', ')}`);
  }
  return models[name](options);
}

function builders(): Record<string, (options: ModelOptions) => Module> {
  return {
    lenet5: (options) => new LeNet5(options),
  };
}
