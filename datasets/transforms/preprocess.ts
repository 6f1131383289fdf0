import type { Image } from '../images/image.ts';
import { preprocess } from '../images/preprocess.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { imageFor } from './flow.ts';
import { listOrNumber, numberOrTuple } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

/**
 * All that a file of weights wants done to an image, in one step: the bytes of `preprocess`. As torchvision's
 * `ImageClassification` preset. https://pytorch.org/vision/0.14/models.html
 */
export class Preprocess extends ArgumentTransform {
  readonly type = 'Preprocess';
  readonly preprocessing: Preprocessing;

  constructor(preprocessing: Preprocessing) {
    super();
    this.preprocessing = preprocessing;
  }

  /** @throws ShapeError for sizes, `mean` or `std` that make no sense */
  call(x: Image | TensorImage): TensorImage {
    return preprocess(imageFor(this.type, x), this.preprocessing);
  }

  protected describe(): string {
    const { resize, crop, mean, std } = this.preprocessing;
    const sizes = [
      ...(resize === undefined ? [] : [`resize=${numberOrTuple(resize)}`]),
      ...(crop === undefined ? [] : [`crop=${numberOrTuple(crop)}`]),
    ];
    return [...sizes, `mean=${listOrNumber(mean)}`, `std=${listOrNumber(std)}`].join(', ');
  }
}
