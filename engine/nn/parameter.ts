// What modules own: tensors described at construction that get their memory from `module.to(device)`, so that a model
// can be built, printed and counted without a GPU.
import { type Layout, orderOf, type Shape } from '../../kernels/definition.ts';
import { DisposedError } from '../../kernels/errors.ts';
import type { RandomStream } from '../../kernels/random/pcg4d.ts';
import { show } from '../../kernels/rank.ts';
import type { Device } from '../device.ts';
import { Tensor } from '../tensor.ts';
import { type Initialiser, initialise } from './initialiser.ts';

export interface OwnedTensorOptions {
  /** Physical order. Default `any`: channels-last for rank 4, else row-major. */
  layout?: Layout;
  /** First values. Default zeros. */
  initialiser?: Initialiser;
}

/** A tensor that belongs to a module. */
export abstract class OwnedTensor extends Tensor {
  /** The values it will get from `module.to(device)`. */
  initialiser: Initialiser;

  constructor(shape: Shape, { layout = 'any', initialiser = { kind: 'constant', value: 0 } }: OwnedTensorOptions = {}) {
    super(undefined, { shape, dtype: 'float32', order: orderOf(layout, shape.length) });
    this.initialiser = initialiser;
  }

  /** @internal Gives it memory and first values; one that has memory there keeps both. See `Module.to`. */
  materialise(name: string, device: Device, stream: RandomStream): void {
    if (this.isDisposed) throw new DisposedError(`to: ${name} ${show(this.shape)} was disposed; build the model again`);
    if (this.isPlaced) {
      if (this.device === device) return;
      throw new DisposedError(
        `to: ${name} ${show(this.shape)} lives on another device; build a second model there and load this one's stateDict()`,
      );
    }
    this.place(device, device.allocate(this, name));
    initialise(this, this.initialiser, stream);
    // a loaded model's values are on the device now: a second copy on the host would double a VGG
    if (this.initialiser.kind === 'values') this.initialiser = { kind: 'constant', value: 0 };
  }
}

/** Learned: `module.parameters()` lists it, optimizers update it. Requires a gradient unless told otherwise. */
export class Parameter extends OwnedTensor {
  constructor(shape: Shape, options: OwnedTensorOptions = {}) {
    super(shape, options);
    this.requiresGrad = true;
  }
}

/** Saved with the model but not learned: running statistics. */
export class Buffer extends OwnedTensor {}

/** A count kept on the host and saved as a 0-d int64: `num_batches_tracked`. */
export class Counter {
  value = 0;
}
