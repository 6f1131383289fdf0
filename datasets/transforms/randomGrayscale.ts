import type { Image } from '../images/image.ts';
import { withChannels } from '../images/withChannels.ts';
import type { Random } from '../random.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { checkProbability } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { float } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

/**
 * Grey with probability p, in as many channels as before.
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomGrayscale.html
 */
export class RandomGrayscale extends ArgumentTransform {
  readonly type = 'RandomGrayscale';
  readonly p: number;

  /** @throws ShapeError for a p outside 0 to 1 */
  constructor(p = 0.1) {
    super();
    this.p = checkProbability('RandomGrayscale', p);
  }

  /** Whether to make it grey. */
  draw(random: Random): boolean {
    return random.uniform() < this.p;
  }

  call(x: Image | TensorImage, random: Random): Image {
    const image = imageFor(this.type, x);
    return this.draw(random) ? withChannels(withChannels(image, 1), image.channels) : image;
  }

  protected describe(): string {
    return `p=${float(this.p)}`;
  }
}
