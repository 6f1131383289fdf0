// A new last layer for other classes.
import { Conv2d } from '../../engine/nn/conv2d.ts';
import { kaimingNormal, normal, zeros } from '../../engine/nn/init.ts';
import { Linear } from '../../engine/nn/linear.ts';
import type { AnyModule, Module } from '../../engine/nn/module.ts';
import { print } from '../../engine/nn/print.ts';
import { Sequential } from '../../engine/nn/sequential.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { ModelEntry } from '../../models/entry.ts';
import { GoogLeNet } from '../../models/googlenet.ts';
import { NiN } from '../../models/nin.ts';
import { SqueezeNet } from '../../models/squeezenet.ts';

/**
 * Puts a fresh layer of the same kind, with an output for each class, in the head's place, frees the old one's memory
 * and returns the new one. It starts from PyTorch's default values; SqueezeNet's from torchvision's (normal, deviation
 * 0.01), NiN's block from the model's own (He). GoogLeNet loses its auxiliary heads: their classes are the old ones.
 *
 *     replaceHead(alexnet, modelEntry('alexnet'), 10);
 *
 * @param entry says where the head is: an entry of the registry, or `{ head: 'classifier.6' }`
 * @param options.seed of the new values, for a model on a device; one without gets them from `to(device)`. Default 0
 * @throws ShapeError when there is no such layer, it is no Linear, Conv2d or Sequential of these, or `numClasses` is no count
 */
export function replaceHead(
  model: AnyModule,
  { head }: Pick<ModelEntry, 'head'>,
  numClasses: number,
  { seed = 0 }: { seed?: number } = {},
): AnyModule {
  if (!(Number.isSafeInteger(numClasses) && numClasses > 0)) {
    throw new ShapeError(`replaceHead: numClasses must be a positive integer, given ${numClasses}`);
  }
  const old = model.getSubmodule(head);
  const fresh = freshHead(old, head, numClasses);
  fresh.apply((module) => {
    if (!(module instanceof Conv2d)) return;
    if (model instanceof SqueezeNet) normal(module.weight, { std: 0.01 });
    else if (model instanceof NiN) kaimingNormal(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    else return;
    if (module.bias) zeros(module.bias);
  });
  fresh.train(old.training);
  const device = model.parameters().find(({ isPlaced }) => isPlaced)?.device;
  model.setSubmodule(head, fresh);
  if (model instanceof GoogLeNet) model.dropAuxiliary();
  if (device) model.to(device, { seed });
  return fresh;
}

/** Classes that a head tells apart; undefined for a layer that is no head. */
export function headOutputs(head: AnyModule): number | undefined {
  if (head instanceof Linear) return head.outFeatures;
  if (head instanceof Conv2d) return head.outChannels;
  if (!(head instanceof Sequential)) return undefined;
  return head.layers().reduceRight<number | undefined>((found, layer) => found ?? headOutputs(layer), undefined);
}

function freshHead(old: AnyModule, name: string, numClasses: number): Module {
  if (old instanceof Linear) return new Linear(old.inFeatures, numClasses, { bias: old.bias !== null });
  if (old instanceof Conv2d) return freshConvolution(old, old.inChannels, numClasses);
  if (old instanceof Sequential && headOutputs(old) !== undefined) return freshBlock(old, name, numClasses);
  throw new ShapeError(
    `replaceHead: ${name} is ${print(old).split('\n')[0]}; a head is a Linear, a Conv2d, or a Sequential of these`,
  );
}

/** Every convolution of NiN's last block has a channel for each class; layers without values are used again. */
function freshBlock(old: Sequential, name: string, numClasses: number): Sequential {
  const classes = headOutputs(old);
  return new Sequential(
    ...old.layers().map((layer) => {
      if (layer instanceof Conv2d && layer.outChannels === classes) {
        return freshConvolution(layer, layer.inChannels === classes ? numClasses : layer.inChannels, numClasses);
      }
      return layer.state().length ? freshHead(layer, name, numClasses) : layer;
    }),
  );
}

function freshConvolution(old: Conv2d, inChannels: number, outChannels: number): Conv2d {
  const { kernelSize, stride, padding, dilation, groups, bias } = old;
  return new Conv2d(inChannels, outChannels, kernelSize, { stride, padding, dilation, groups, bias: bias !== null });
}
