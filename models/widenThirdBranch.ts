// Exercise 5 of the chapter: torchvision's GoogLeNet with the paper's 5x5 kernels, from its own weights.
import { Conv2d } from '../engine/nn/conv2d.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { ShapeError } from '../kernels/errors.ts';
import { BasicConv2d, Inception } from './inception.ts';

/**
 * Makes the 3x3 kernel in the third branch of every inception block a 5x5 one with a ring of zeros, padded by one more
 * pixel: the outputs stay what they were, and training can now fill the ring. Blocks that have 5x5 are left alone.
 * Call it before the parameters are given to an optimizer, whose memory they would not share.
 *
 *     const model = new GoogLeNet().to(device);
 *     await loadWeights(model, file);
 *     await widenThirdBranch(model);
 *
 * @param model on its device: the weights are read and written back
 * @returns the number of kernels that were widened
 * @throws DisposedError when the model is on no device yet
 * @throws ShapeError when the model has no inception blocks
 */
export async function widenThirdBranch(model: AnyModule): Promise<number> {
  const blocks = model.modules().filter((module) => module instanceof Inception);
  if (!blocks.length) throw new ShapeError(`widenThirdBranch: ${model.constructor.name} has no inception blocks`);
  const layers = blocks
    .map(({ branch3 }) => branch3[1])
    .filter((layer): layer is BasicConv2d => layer instanceof BasicConv2d && layer.conv.kernelSize === 3);
  // one after the other: each holds its weights on the host
  for (const layer of layers) layer.conv = await widened(layer.conv);
  return layers.length;
}

/** The convolution with a ring of zeros around its kernel; the old one's memory is freed. */
async function widened(narrow: Conv2d): Promise<Conv2d> {
  const { inChannels, outChannels, weight } = narrow;
  const values = new Float32Array(outChannels * inChannels * 25);
  for (const [i, value] of (await weight.data()).entries()) {
    const [kernel, row, column] = [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3];
    values[kernel * 25 + (row + 1) * 5 + (column + 1)] = value;
  }
  const wide = new Conv2d(inChannels, outChannels, 5, { padding: 2, bias: false });
  wide.weight.initialiser = { kind: 'values', values };
  wide.weight.requiresGrad = weight.requiresGrad;
  wide.train(narrow.training).to(weight.device);
  narrow.dispose();
  return wide;
}
