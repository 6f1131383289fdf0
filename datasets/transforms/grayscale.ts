import { ShapeError } from '../../kernels/errors.ts';
import type { Image } from '../images/image.ts';
import { withChannels } from '../images/withChannels.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { imageFor } from './flow.ts';
import type { TensorImage } from './transform.ts';

/** PIL's luma. https://pytorch.org/vision/stable/generated/torchvision.transforms.Grayscale.html */
export class Grayscale extends ArgumentTransform {
  readonly type = 'Grayscale';
  readonly numOutputChannels: 1 | 3;

  /**
   * @param numOutputChannels 1 (default), or 3 equal ones
   * @throws ShapeError for other counts
   */
  constructor(numOutputChannels: 1 | 3 = 1) {
    super();
    if (numOutputChannels !== 1 && numOutputChannels !== 3) {
      throw new ShapeError(`Grayscale: numOutputChannels is 1 or 3, given ${numOutputChannels}`);
    }
    this.numOutputChannels = numOutputChannels;
  }

  call(x: Image | TensorImage): Image {
    return withChannels(withChannels(imageFor(this.type, x), 1), this.numOutputChannels);
  }

  protected describe(): string {
    return `num_output_channels=${this.numOutputChannels}`;
  }
}
