import { ShapeError } from '../../kernels/errors.ts';
import type { Image } from '../images/image.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { tensorFor } from './flow.ts';
import { listOrNumber } from './pythonText.ts';
import type { TensorImage } from './transform.ts';

/**
 * (x - mean) / std of each channel, both steps in float32 as torch's.
 * https://pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 */
export class Normalize extends ArgumentTransform {
  readonly type = 'Normalize';
  readonly mean: readonly number[];
  readonly std: readonly number[];

  /**
   * @param mean of each channel, or one for all; `std` likewise
   * @throws ShapeError for counts that differ, or a std that is not positive
   */
  constructor(mean: readonly number[], std: readonly number[]) {
    super();
    if (!(Array.isArray(mean) && Array.isArray(std) && mean.length > 0 && mean.length === std.length)) {
      throw new ShapeError(
        `Normalize: mean and std have an entry per channel, given ${mean?.length} and ${std?.length}`,
      );
    }
    if (!mean.every(Number.isFinite)) throw new ShapeError(`Normalize: mean is finite, given [${mean.join(', ')}]`);
    if (!std.every((value) => Math.fround(value) > 0 && Number.isFinite(value))) {
      throw new ShapeError(`Normalize: std is positive, given [${std.join(', ')}]`);
    }
    this.mean = [...mean];
    this.std = [...std];
  }

  call(x: Image | TensorImage): TensorImage {
    const { data, shape } = tensorFor(this.type, x);
    const [channels, height, width] = shape;
    if (this.mean.length !== 1 && this.mean.length !== channels) {
      throw new ShapeError(
        `Normalize: has ${this.mean.length} channels, but a tensor of [${shape.join(', ')}] came in; Grayscale changes their number`,
      );
    }
    const normalized = new Float32Array(data.length);
    const area = height * width;
    for (let c = 0; c < channels; c++) {
      const mean = Math.fround(this.mean[c % this.mean.length]!);
      const std = Math.fround(this.std[c % this.std.length]!);
      for (let i = c * area; i < (c + 1) * area; i++) normalized[i] = Math.fround(data[i]! - mean) / std;
    }
    return { data: normalized, shape };
  }

  protected describe(): string {
    return `mean=${listOrNumber(this.mean)}, std=${listOrNumber(this.std)}`;
  }
}
