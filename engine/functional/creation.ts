// Tensors of one value.
import type { Shape } from '../../kernels/definition.ts';
import { fill } from '../../kernels/fill/fill.ts';
import { apply } from '../apply.ts';
import type { Device } from '../device.ts';
import type { Tensor } from '../tensor.ts';

/** A float32 tensor of zeros. https://pytorch.org/docs/stable/generated/torch.zeros.html */
export function zeros(device: Device, shape: Shape): Tensor {
  return full(device, shape, 0);
}

/** A float32 tensor of ones. https://pytorch.org/docs/stable/generated/torch.ones.html */
export function ones(device: Device, shape: Shape): Tensor {
  return full(device, shape, 1);
}

/** A float32 tensor of one value. https://pytorch.org/docs/stable/generated/torch.full.html */
export function full(device: Device, shape: Shape, value: number): Tensor {
  const tensor = device.empty(shape);
  apply(fill, { target: tensor }, { value });
  return tensor;
}
