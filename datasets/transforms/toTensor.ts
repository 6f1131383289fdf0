import type { Image } from '../images/image.ts';
import { ArgumentTransform } from './argumentTransform.ts';
import { imageFor } from './flow.ts';
import type { TensorImage } from './transform.ts';

/** Levels to 0 … 1, channels first. https://pytorch.org/vision/stable/generated/torchvision.transforms.ToTensor.html */
export class ToTensor extends ArgumentTransform {
  readonly type = 'ToTensor';

  call(x: Image | TensorImage): TensorImage {
    const { width, height, channels, data: levels } = imageFor(this.type, x);
    const area = width * height;
    const data = new Float32Array(channels * area);
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < area; i++) data[c * area + i] = levels[i * channels + c]! / 255;
    }
    return { data, shape: [channels, height, width] };
  }

  protected describe(): string {
    return '';
  }
}
