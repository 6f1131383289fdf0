// The sizes of a convolution under the names that its three passes use.
import type { Problem } from '../definition.ts';
import { type Pair, type Window, windowOf } from '../window.ts';
import type { ReluOption } from '../withRelu.ts';

export interface Conv2dOptions extends ReluOption {
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  groups?: number;
}

export function geometry({ inputs: { x, weight }, outputs: { y }, options }: Problem<Conv2dOptions>) {
  const [images, channels, height, width] = x.shape;
  const [out, groupChannels, kernelHeight, kernelWidth] = weight.shape;
  const [, , outHeight, outWidth] = y.shape;
  const { groups = 1 } = options;
  const window: Window = windowOf('conv2d', [kernelHeight, kernelWidth], withDefaults(options));
  return {
    images,
    channels,
    height,
    width,
    out,
    groupChannels,
    outHeight,
    outWidth,
    pixels: outHeight * outWidth,
    taps: kernelHeight * kernelWidth,
    groups,
    groupOut: out / groups,
    window,
  };
}

export function withDefaults({ stride = 1, padding = 0, dilation = 1 }: Conv2dOptions) {
  return { stride, padding, dilation };
}
