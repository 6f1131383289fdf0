import { horizontalFlip } from '../images/flip.ts';
import type { Image } from '../images/image.ts';
import type { Random } from '../random.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { checkProbability } from './checkArguments.ts';
import { imageFor } from './flow.ts';
import { float } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

/** Mirrors with probability p. https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomHorizontalFlip.html */
export class RandomHorizontalFlip extends ArgumentTransform {
  readonly type = 'RandomHorizontalFlip';
  readonly p: number;

  /** @throws ShapeError for a p outside 0 to 1 */
  constructor(p = 0.5) {
    super();
    this.p = checkProbability('RandomHorizontalFlip', p);
  }

  /** Whether to mirror. */
  draw(random: Random): boolean {
    return random.uniform() < this.p;
  }

  call(x: Image | TensorImage, random: Random): Image {
    const image = imageFor(this.type, x);
    return this.draw(random) ? horizontalFlip(image) : image;
  }

  protected describe(): string {
    return `p=${float(this.p)}`;
  }
}
