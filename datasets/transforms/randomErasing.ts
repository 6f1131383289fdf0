import { ShapeError } from '../../kernels/errors.ts';
import type { Rectangle } from '../images/crop.ts';
import type { Image } from '../images/image.ts';
import type { Random } from '../random.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { checkProbability, checkRange } from './checkArguments.ts';
import { tensorFor } from './flow.ts';
import { float, numberOrTuple, tuple } from './pythonText.ts';
import { randomRectangle } from './randomRectangle.ts';
import type { TensorImage } from './transform.ts';

export interface RandomErasingOptions {
  /** Probability. Default 0.5. */
  readonly p?: number;
  /** Least and greatest area, as a share of the image's. Default [0.02, 0.33]. */
  readonly scale?: readonly number[];
  /** Least and greatest height over width, drawn evenly in its logarithm. Default [0.3, 3.3]. */
  readonly ratio?: readonly number[];
  /** What is written: a number, one per channel, or `random`: normal values. Default 0. */
  readonly value?: number | readonly number[] | 'random';
}

/**
 * Overwrites a rectangle of a tensor. Zhong et al., "Random erasing data augmentation", AAAI 2020,
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomErasing.html
 */
export class RandomErasing extends ArgumentTransform {
  readonly type = 'RandomErasing';
  readonly p: number;
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly value: number | readonly number[] | 'random';

  /** @throws ShapeError for ranges, probabilities or values that make no sense */
  constructor({ p = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], value = 0 }: RandomErasingOptions = {}) {
    super();
    this.p = checkProbability('RandomErasing', p);
    this.scale = checkRange('RandomErasing: scale', scale, { low: 0, high: 1 });
    this.ratio = checkRange('RandomErasing: ratio', ratio, { low: 0, isAbove: true });
    const values = typeof value === 'number' ? [value] : value;
    if (values !== 'random' && !(Array.isArray(values) && values.length > 0 && values.every(Number.isFinite))) {
      throw new ShapeError(`RandomErasing: value is a number, one per channel, or 'random', given ${value}`);
    }
    this.value = value;
  }

  /** null leaves the tensor as it is: by chance, or because none of ten tries is smaller than it. */
  draw(random: Random, { height, width }: { height: number; width: number }): Rectangle | null {
    if (random.uniform() >= this.p) return null;
    // torchvision's ratio is of height to width here, and a rectangle may not span a whole side
    const { scale, ratio } = this;
    const turned = randomRectangle(random, { height: width, width: height, scale, ratio, isInside: true });
    return turned && { top: turned.left, left: turned.top, height: turned.width, width: turned.height };
  }

  call(x: Image | TensorImage, random: Random): TensorImage {
    const tensor = tensorFor(this.type, x);
    const [channels, height, width] = tensor.shape;
    const values = this.#valuesFor(tensor);
    const area = this.draw(random, { height, width });
    if (!area) return tensor;
    const data = tensor.data.slice();
    for (let c = 0; c < channels; c++) {
      for (let y = area.top; y < area.top + area.height; y++) {
        const from = (c * height + y) * width + area.left;
        if (values) data.fill(values[c % values.length]!, from, from + area.width);
        else for (let i = from; i < from + area.width; i++) data[i] = random.normal();
      }
    }
    return { data, shape: tensor.shape };
  }

  #valuesFor({ shape }: TensorImage): readonly number[] | null {
    if (this.value === 'random') return null;
    const values = typeof this.value === 'number' ? [this.value] : this.value;
    if (values.length === 1 || values.length === shape[0]) return values;
    throw new ShapeError(`RandomErasing: has ${values.length} values for a tensor of [${shape.join(', ')}]`);
  }

  protected describe(): string {
    const value = this.value === 'random' ? this.value : numberOrTuple(this.value);
    return `p=${this.p}, scale=${tuple(this.scale, float)}, ratio=${tuple(this.ratio, float)}, value=${value}, inplace=False`;
  }
}
