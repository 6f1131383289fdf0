// Whether an image or a tensor comes in, said in the words of the transform that met the wrong one.
import { ShapeError } from '../../kernels/errors.ts';
import { checkImage, type Image } from '../images/image.ts';
import type { TensorImage } from './transform.ts';

export function isTensorImage(x: Image | TensorImage): x is TensorImage {
  return 'shape' in x;
}

/** @throws ShapeError when a tensor comes in, or the image's values do not fit its size */
export function imageFor(type: string, x: Image | TensorImage): Image {
  if (isTensorImage(x)) {
    throw new ShapeError(
      `${type}: takes an image, but a tensor of [${x.shape.join(', ')}] came in; put it before ToTensor`,
    );
  }
  checkImage(type, x);
  return x;
}

/** @throws ShapeError when an image comes in, or the tensor's values do not fit its shape */
export function tensorFor(type: string, x: Image | TensorImage): TensorImage {
  if (!isTensorImage(x)) {
    throw new ShapeError(
      `${type}: takes a tensor, but an image of ${x.height}x${x.width} pixels came in; put ToTensor before it`,
    );
  }
  const [channels, height, width] = x.shape;
  if (x.data.length === channels * height * width) return x;
  throw new ShapeError(`${type}: a tensor of [${x.shape.join(', ')}] cannot have ${x.data.length} values`);
}
