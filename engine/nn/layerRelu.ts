// A convolution or linear layer and the rectifier behind it, as one operation where nobody looks in between.
import type { Tensor } from '../tensor.ts';
import { ReLU } from './activations.ts';
import { Conv2d } from './conv2d.ts';
import { Linear } from './linear.ts';
import type { Module } from './module.ts';

/**
 * `relu(layer(x))`: the layer's kernel stores the rectified values. Module by module as written where a hook is
 * registered on one of them, where one was replaced by something else, and where only shapes run; values are the same.
 */
export function layerRelu(layer: Conv2d | Linear, relu: ReLU, x: Tensor): Tensor {
  if (x.isShapeOnly || !isPlain(layer) || !isPlain(relu)) return relu.call(layer.call(x));
  const run = (given: Tensor) =>
    layer instanceof Conv2d ? layer.convolve(given, { relu: true }) : layer.map(given, { relu: true });
  return layer.callAs(run, [x]);
}

/** Neither a subclass, which may compute something else, nor watched. */
function isPlain(module: Module): boolean {
  return [Conv2d, Linear, ReLU].some((type) => Object.getPrototypeOf(module) === type.prototype) && !module.isHooked;
}
