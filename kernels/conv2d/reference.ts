// 2-D convolution in float64, naive: the specification. https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
import { at, type NdArray, zeros } from '../ndarray.ts';
import { outputSize, windowOf } from '../window.ts';
import { reluReference } from '../withRelu.ts';
import type { Conv2dOptions } from './conv2d.ts';

export const reference = reluReference<Conv2dOptions>({
  forward(inputs, options) {
    const { x, weight, bias } = inputs;
    const y = zeros(outputShape(x, weight, options));
    forEachProduct(x, weight, y, options, (from, tap, to) => {
      y.data[to] += x.data[from] * weight.data[tap];
    });
    if (bias) {
      const pixels = y.shape[2] * y.shape[3];
      y.data.forEach((value, i) => {
        y.data[i] = value + bias.data[Math.floor(i / pixels) % y.shape[1]];
      });
    }
    return { y };
  },

  backward({ x, weight, bias }, { y }, dy, options) {
    const gradients: Record<string, NdArray> = { x: zeros(x.shape), weight: zeros(weight.shape) };
    forEachProduct(x, weight, y, options, (from, tap, to) => {
      gradients.x.data[from] += dy.data[to] * weight.data[tap];
      gradients.weight.data[tap] += dy.data[to] * x.data[from];
    });
    if (bias) {
      gradients.bias = zeros(bias.shape);
      const pixels = y.shape[2] * y.shape[3];
      dy.data.forEach((value, i) => {
        gradients.bias.data[Math.floor(i / pixels) % y.shape[1]] += value;
      });
    }
    return gradients;
  },
});

function outputShape(x: NdArray, weight: NdArray, { stride = 1, padding = 0, dilation = 1 }: Conv2dOptions): number[] {
  const [n, , height, width] = x.shape;
  const [out, , kernelHeight, kernelWidth] = weight.shape;
  const window = windowOf('conv2d', [kernelHeight, kernelWidth], { stride, padding, dilation });
  const { outHeight, outWidth } = outputSize('conv2d', height, width, window);
  return [n, out, outHeight, outWidth];
}

/** Visits every product of the convolution with its offsets in x, weight and y. */
function forEachProduct(
  x: NdArray,
  weight: NdArray,
  y: NdArray,
  options: Conv2dOptions,
  visit: (from: number, tap: number, to: number) => void,
): void {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [n, , height, width] = x.shape;
  const [out, groupChannels, kernelHeight, kernelWidth] = weight.shape;
  const [, , outHeight, outWidth] = y.shape;
  const window = windowOf('conv2d', [kernelHeight, kernelWidth], { stride, padding, dilation });
  for (let i = 0; i < n; i++)
    for (let oc = 0; oc < out; oc++)
      for (let oh = 0; oh < outHeight; oh++)
        for (let ow = 0; ow < outWidth; ow++)
          for (let c = 0; c < groupChannels; c++)
            for (let kh = 0; kh < kernelHeight; kh++)
              for (let kw = 0; kw < kernelWidth; kw++) {
                const h = oh * window.strideHeight + kh * window.dilationHeight - window.paddingHeight;
                const w = ow * window.strideWidth + kw * window.dilationWidth - window.paddingWidth;
                if (h < 0 || h >= height || w < 0 || w >= width) continue;
                const channel = Math.floor(oc / (out / groups)) * groupChannels + c;
                visit(at(x.shape, i, channel, h, w), at(weight.shape, oc, c, kh, kw), at(y.shape, i, oc, oh, ow));
              }
}
