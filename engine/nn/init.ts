// Initial values by name, as torch.nn.init: https://pytorch.org/docs/stable/nn.init.html
// Each works before `model.to(device)` (the parameter remembers it; the model's seed decides the values) and after it
// (the values are written at once, from the device's own random state).
import type { Shape } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import { type Initialiser, initialise } from './initialiser.ts';
import type { OwnedTensor } from './parameter.ts';

export type Nonlinearity = 'linear' | 'conv2d' | 'sigmoid' | 'tanh' | 'relu' | 'leaky_relu' | 'selu';

export interface KaimingOptions {
  /** Negative slope of the rectifier that follows; used with `leaky_relu` only. Default 0. */
  a?: number;
  /** `fan_in` keeps the variance of the forward pass, `fan_out` that of the backward pass. Default `fan_in`. */
  mode?: 'fan_in' | 'fan_out';
  /** Default `leaky_relu`. */
  nonlinearity?: Nonlinearity;
}

/** Uniform in ±gain·sqrt(3 / fan). He et al. 2015, https://arxiv.org/abs/1502.01852. @throws ShapeError below rank 2 */
export function kaimingUniform<T extends OwnedTensor>(parameter: T, options: KaimingOptions = {}): T {
  const bound = Math.sqrt(3) * kaimingStd(parameter.shape, options);
  return assign(parameter, { kind: 'uniform', low: -bound, high: bound });
}

/** Normal with deviation gain / sqrt(fan). He et al. 2015, https://arxiv.org/abs/1502.01852. @throws ShapeError below rank 2 */
export function kaimingNormal<T extends OwnedTensor>(parameter: T, options: KaimingOptions = {}): T {
  return assign(parameter, { kind: 'normal', mean: 0, std: kaimingStd(parameter.shape, options) });
}

/** Uniform in ±gain·sqrt(6 / (fanIn + fanOut)). Glorot and Bengio 2010. @throws ShapeError below rank 2 */
export function xavierUniform<T extends OwnedTensor>(parameter: T, { gain = 1 } = {}): T {
  const bound = Math.sqrt(3) * xavierStd(parameter.shape, gain);
  return assign(parameter, { kind: 'uniform', low: -bound, high: bound });
}

/** Normal with deviation gain·sqrt(2 / (fanIn + fanOut)). Glorot and Bengio 2010. @throws ShapeError below rank 2 */
export function xavierNormal<T extends OwnedTensor>(parameter: T, { gain = 1 } = {}): T {
  return assign(parameter, { kind: 'normal', mean: 0, std: xavierStd(parameter.shape, gain) });
}

/** Uniform in [low, high). https://pytorch.org/docs/stable/nn.init.html */
export function uniform<T extends OwnedTensor>(parameter: T, { low = 0, high = 1 } = {}): T {
  return assign(parameter, { kind: 'uniform', low, high });
}

/** Normal with the given mean and deviation. https://pytorch.org/docs/stable/nn.init.html */
export function normal<T extends OwnedTensor>(parameter: T, { mean = 0, std = 1 } = {}): T {
  return assign(parameter, { kind: 'normal', mean, std });
}

/** One value everywhere. */
export function constant<T extends OwnedTensor>(parameter: T, value: number): T {
  return assign(parameter, { kind: 'constant', value });
}

/** All 0. */
export function zeros<T extends OwnedTensor>(parameter: T): T {
  return constant(parameter, 0);
}

/** All 1. */
export function ones<T extends OwnedTensor>(parameter: T): T {
  return constant(parameter, 1);
}

/** The factor that keeps a signal's deviation through a nonlinearity. `a` is the negative slope of `leaky_relu`. */
export function calculateGain(nonlinearity: Nonlinearity, a = 0.01): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + a ** 2));
    case 'selu':
      return 3 / 4;
    default:
      return 1;
  }
}

/**
 * Values that each output reads (`fanIn`) and outputs that each input reaches (`fanOut`).
 * @param shape `[out, in]` or `[out, in/groups, kh, kw]`
 * @throws ShapeError below rank 2
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    throw new ShapeError(`init: kaiming and xavier need a weight of at least 2 dimensions, given ${show(shape)}`);
  }
  const [out, inputs, ...taps] = shape;
  const field = taps.reduce((product, extent) => product * extent, 1);
  return { fanIn: inputs * field, fanOut: out * field };
}

function kaimingStd(shape: Shape, { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' }: KaimingOptions): number {
  const { fanIn, fanOut } = fans(shape);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut);
}

function xavierStd(shape: Shape, gain: number): number {
  const { fanIn, fanOut } = fans(shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

function assign<T extends OwnedTensor>(parameter: T, initialiser: Initialiser): T {
  if (parameter.isPlaced) initialise(parameter, initialiser, parameter.device.random.next());
  else parameter.initialiser = initialiser;
  return parameter;
}
