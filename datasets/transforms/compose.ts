import { ShapeError } from '../../kernels/errors.ts';
import type { Image } from '../images/image.ts';
import type { Random } from '../random.ts';
import type { TensorImage, Transform } from './transform.ts';

/**
 * Transforms one after the other. https://pytorch.org/vision/stable/generated/torchvision.transforms.Compose.html
 *
 *     new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip(), new ToTensor()])
 */
export class Compose implements Transform {
  readonly type = 'Compose';
  readonly transforms: readonly Transform[];

  /** @throws ShapeError for what is no transform */
  constructor(transforms: readonly Transform[]) {
    if (!Array.isArray(transforms)) throw new ShapeError(`Compose: takes a list of transforms, given ${transforms}`);
    const stranger = transforms.findIndex((transform) => typeof transform?.call !== 'function');
    if (stranger >= 0) throw new ShapeError(`Compose: item ${stranger} is no transform: ${transforms[stranger]}`);
    this.transforms = [...transforms];
  }

  call(x: Image | TensorImage, random: Random): Image | TensorImage {
    return this.transforms.reduce((made, transform) => transform.call(made, random), x);
  }

  toJSON(): { readonly type: string; readonly transforms: readonly unknown[] } {
    return { type: this.type, transforms: this.transforms.map((transform) => transform.toJSON()) };
  }

  toString(): string {
    return `Compose(${this.transforms.map((transform) => `\n    ${transform}`).join('')}\n)`;
  }
}
