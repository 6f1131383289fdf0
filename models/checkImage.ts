// The check at every model's door: what a deep layer would say about a small image names a layer, not the image.
import { Conv2d } from '../engine/nn/conv2d.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import type { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';

export interface ImageSizes {
  /** Smallest legal height and width. */
  readonly minSize: number;
  /** Largest legal height and width. Default: any. */
  readonly maxSize?: number;
}

/**
 * Whether a model can take `x` as a batch of images.
 * @param model its class, as the message names it
 * @param first the layer that reads the images; when it is a convolution it says how many channels they have
 * @throws ShapeError with the model, what was given and the sizes that are legal
 */
export function checkImage(
  model: string,
  { shape }: Tensor,
  first: AnyModule,
  { minSize, maxSize = Number.POSITIVE_INFINITY }: ImageSizes,
): void {
  // a first layer of another kind was put there by whoever fine-tunes, and speaks for itself
  const channels = first instanceof Conv2d ? first.inChannels : shape[1];
  const [, c, ...sides] = shape;
  if (shape.length === 4 && c === channels && sides.every((side) => side >= minSize && side <= maxSize)) return;
  const sizes = maxSize === Number.POSITIVE_INFINITY ? `at least ${minSize}` : `${minSize} to ${maxSize}`;
  const range = minSize === maxSize ? `exactly ${minSize}` : sizes;
  throw new ShapeError(
    `${model}: images must be [n, ${channels ?? 'c'}, h, w] with h and w ${range}, given [${shape.join(', ')}]`,
  );
}
