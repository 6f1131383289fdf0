// Everything random: dropout, and tensors of random numbers. All draw from the device's seeded state, each call from a
// stream of its own; one seed repeats a run bit for bit on the same adapter. Elements are numbered in physical order.
import type { Shape } from '../../kernels/definition.ts';
import { dropout as dropoutOperation } from '../../kernels/dropout/dropout.ts';
import { normalFill } from '../../kernels/normalFill/normalFill.ts';
import type { RandomStream } from '../../kernels/random/pcg4d.ts';
import { uniformFill } from '../../kernels/uniformFill/uniformFill.ts';
import { apply } from '../apply.ts';
import type { Device } from '../device.ts';
import type { Tensor } from '../tensor.ts';

export interface Range {
  /** Default 0. */
  low?: number;
  /** Default 1; not reached. */
  high?: number;
}

export interface Moments {
  /** Default 0. */
  mean?: number;
  /** Standard deviation. Default 1. */
  std?: number;
}

export interface FromStream {
  /** Where the numbers come from. Default: the device's next stream. */
  random?: RandomStream;
}

/**
 * With probability `p` zero, else x / (1 - p); x itself when not training or p is 0. No mask is stored: the backward
 * pass draws the same numbers again.
 * @param p 0 … 1, default 0.5
 * @param options `training` (default true)
 * @throws ShapeError when p lies outside 0 … 1
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 */
export function dropout(x: Tensor, p = 0.5, { training = true }: { training?: boolean } = {}): Tensor {
  if (!training || p === 0) return x;
  if (x.isShapeOnly) return apply(dropoutOperation, { x }, { p, ...NO_NUMBERS }).y;
  const { random } = x.device;
  return apply(dropoutOperation, { x }, { p, ...random.next() }, { live: () => random.next() }).y;
}

/** A tensor that is only a shape has no device, and nothing is drawn for it. */
const NO_NUMBERS: RandomStream = { seed: 0, stream: 0 };

/** A tensor of numbers uniform in [low, high). @throws ShapeError when low exceeds high */
export function uniform(device: Device, shape: Shape, range: Range = {}): Tensor {
  return fillUniform(device.empty(shape), range);
}

/** A tensor of normally distributed numbers. @throws ShapeError when std is negative */
export function normal(device: Device, shape: Shape, moments: Moments = {}): Tensor {
  return fillNormal(device.empty(shape), moments);
}

/** Uniform in [0, 1). https://pytorch.org/docs/stable/generated/torch.rand.html */
export function rand(device: Device, shape: Shape): Tensor {
  return uniform(device, shape);
}

/** Normal with mean 0 and standard deviation 1. https://pytorch.org/docs/stable/generated/torch.randn.html */
export function randn(device: Device, shape: Shape): Tensor {
  return normal(device, shape);
}

/** Overwrites a float32 tensor with numbers uniform in [low, high), outside the graph; returns it. */
export function fillUniform(tensor: Tensor, { low = 0, high = 1, random }: Range & FromStream = {}): Tensor {
  const next = () => random ?? tensor.device.random.next();
  apply(uniformFill, { target: tensor }, { low, high, ...next() }, { live: next });
  return tensor;
}

/** Overwrites a float32 tensor with normally distributed numbers, outside the graph; returns it. */
export function fillNormal(tensor: Tensor, { mean = 0, std = 1, random }: Moments & FromStream = {}): Tensor {
  const next = () => random ?? tensor.device.random.next();
  apply(normalFill, { target: tensor }, { mean, std, ...next() }, { live: next });
  return tensor;
}
