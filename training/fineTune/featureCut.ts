// Where a model can be cut in two: everything before gives the same values for the same image in every epoch, and
// everything behind reads only what passes the cut. Found by running shapes: no GPU, no memory.

import type { AnyModule } from '../../engine/nn/module.ts';
import { Counter, OwnedTensor } from '../../engine/nn/parameter.ts';
import { macsOf } from '../../engine/nn/trace.ts';
import { type ShapeWatcher, shapeTensor } from '../../engine/shapeTensor.ts';
import { Tensor } from '../../engine/tensor.ts';
import { type Order, type Shape, sizeOf, spec, type TensorSpec } from '../../kernels/definition.ts';
import { WgradError } from '../../kernels/errors.ts';

/** A cut: the input of one module. */
export interface FeatureCut {
  /** Dotted name of the module. */
  readonly module: string;
  /** Of one image's features. */
  readonly shape: Shape;
  /** Physical order of a batch of them, the images outermost. */
  readonly order: Order;
  /** Share of the model's multiply-accumulates that lie before the cut: 0 … 1. */
  readonly share: number;
}

/** Two, since batch norm in training refuses a single value per channel. */
const IMAGES = 2;

/**
 * The last place where the model can be cut, in the modes its modules are in now and in inference.
 * @param imageShape of one image: `[3, 64, 64]`
 * @returns the cut, or why there is none
 */
export function findCut(model: AnyModule, imageShape: Shape): FeatureCut | string {
  try {
    const { entered, firstLive, macs, liveMacs } = traceLive(model, imageShape);
    const before = entered.filter(({ at }) => at > 0 && at <= firstLive);
    for (const { name } of before.reverse()) {
      const features = bottleneck(model, name, imageShape);
      if (features && isBottleneckInInference(model, name, imageShape)) {
        const [, ...shape] = features.shape;
        return { module: name, shape, order: features.order, share: macs ? 1 - liveMacs(features.at) / macs : 0 };
      }
    }
    return 'nothing lies before the first layer that is trained or changes from epoch to epoch, or is read around it';
  } catch (error) {
    if (!(error instanceof WgradError)) throw error;
    return `the model does not run on shapes alone: ${error.message}`;
  }
}

/** The features of a batch of images: what reaches the cut. What comes behind it does not run. */
export function featuresOf(model: AnyModule, images: Tensor, { module }: FeatureCut): Tensor {
  const reached = new Reached();
  let features: Tensor | undefined;
  const remove = model.getSubmodule(module).registerForwardPreHook((_, [input]) => {
    features = input;
    throw reached;
  });
  try {
    images.device.noGrad(() => model.call(images));
  } catch (error) {
    if (error !== reached) throw error;
  } finally {
    remove();
  }
  return features!;
}

/** The model's output from features. Before the cut only shapes run, which costs nothing. */
export function callFromFeatures(model: AnyModule, features: Tensor, cut: FeatureCut, imageShape: Shape): unknown {
  const remove = model.getSubmodule(cut.module).registerForwardPreHook(() => [features], { capturable: true });
  try {
    return model.call(shapeTensor(spec([features.shape[0], ...imageShape])));
  } finally {
    remove();
  }
}

/** Bytes of the features of so many images. */
export function featureBytes({ shape }: FeatureCut, images: number): number {
  return images * sizeOf(shape) * 4;
}

/** Thrown to leave a model's forward pass; never seen outside. */
class Reached extends Error {}

interface LiveTrace {
  /** Modules with the number of operations that ran before them. */
  entered: { name: string; at: number }[];
  /** Number of operations before the first that is trained or that changes from epoch to epoch. */
  firstLive: number;
  macs: number;
  /** Of the operations from number `at` on. */
  liveMacs: (at: number) => number;
}

function traceLive(model: AnyModule, imageShape: Shape): LiveTrace {
  const entered: LiveTrace['entered'] = [];
  const macs: number[] = [];
  let firstLive = Number.POSITIVE_INFINITY;
  const watcher: ShapeWatcher = {
    saw({ operation, inputs, options, y }) {
      if (isLive(operation, inputs, options)) firstLive = Math.min(firstLive, macs.length);
      const x = inputs.find(({ isShapeOnly }) => isShapeOnly)?.shape;
      const weight = inputs.find(({ isShapeOnly }) => !isShapeOnly)?.shape;
      macs.push(macsOf(operation, { y: y.shape, x, weight }));
    },
  };
  const removers = model
    .namedModules()
    .map(([name, module]) => module.registerForwardPreHook(() => void entered.push({ name, at: macs.length })));
  try {
    runShapes(model, imageShape, watcher);
  } finally {
    for (const remove of removers) remove();
  }
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return { entered, firstLive, macs: sum(macs), liveMacs: (at) => sum(macs.slice(at)) };
}

/** Trained, random, dependent on the other images of the batch, or reading something that is not the model's. */
function isLive(operation: string, inputs: readonly Tensor[], options: unknown): boolean {
  if (operation === 'dropout') return true; // there is none in inference, nor with p = 0
  if (operation === 'batchNorm2d' && (options as { training: boolean }).training) return true;
  return inputs.some((tensor) => tensor.requiresGrad || !(tensor.isShapeOnly || tensor instanceof OwnedTensor));
}

/** What enters the module, and after how many operations, if all that runs later depends on that alone. */
function bottleneck(model: AnyModule, name: string, imageShape: Shape): (TensorSpec & { at: number }) | undefined {
  let operations = 0;
  let isLeaking = false;
  let entrances = 0;
  let features: (TensorSpec & { at: number }) | undefined;
  const before: ShapeWatcher = {
    saw: () => {
      operations++;
      isLeaking ||= features !== undefined;
    },
  };
  const behind: ShapeWatcher = {
    saw: ({ inputs }) => {
      isLeaking ||= inputs.some(({ isShapeOnly, watcher }) => isShapeOnly && watcher !== behind);
    },
  };
  const remove = model.getSubmodule(name).registerForwardPreHook((_, inputs) => {
    const [input] = inputs;
    entrances++;
    const isUsable = inputs.length === 1 && input.dtype === 'float32' && input.order[0] === 0;
    if (!isUsable || entrances > 1 || input.shape[0] !== IMAGES) {
      isLeaking = true;
      return undefined;
    }
    features = { shape: input.shape, dtype: input.dtype, order: input.order, at: operations };
    return [shapeTensor(features, behind)];
  });
  try {
    const output = runShapes(model, imageShape, before);
    const isWhole = output instanceof Tensor && output.watcher === behind;
    return isWhole && !isLeaking ? features : undefined;
  } finally {
    remove();
  }
}

function isBottleneckInInference(model: AnyModule, name: string, imageShape: Shape): boolean {
  const modes = model.modules().map((module) => [module, module.training] as const);
  try {
    model.eval();
    return bottleneck(model, name, imageShape) !== undefined;
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}

/** In the modes as they are; batch norms in training mode count batches, which is undone. */
function runShapes(model: AnyModule, imageShape: Shape, watcher: ShapeWatcher): unknown {
  const counters = model.state().flatMap(([, own]) => (own instanceof Counter ? [[own, own.value] as const] : []));
  try {
    return model.call(shapeTensor(spec([IMAGES, ...imageShape]), watcher));
  } finally {
    for (const [counter, value] of counters) counter.value = value;
  }
}
