// Convolution in float64, arranged so that the innermost loop runs over output channels: a ResNet-18 in seconds.
import { type Node, sized } from './node.ts';

export interface Window {
  stride: number;
  padding: number;
}

/** @param x `[n, c, h, w]` @param weight `[out, c, kh, kw]` @returns y, and what adds its gradients */
export function conv2d(x: Node, weight: Node, { stride, padding }: Window): { y: Node; backward: () => void } {
  const [batch, channels, height, width] = x.shape;
  const [outChannels, , kernelHeight, kernelWidth] = weight.shape;
  const outHeight = Math.floor((height + 2 * padding - kernelHeight) / stride) + 1;
  const outWidth = Math.floor((width + 2 * padding - kernelWidth) / stride) + 1;
  const outArea = outHeight * outWidth;
  const taps = channels * kernelHeight * kernelWidth;
  const w = transposed(weight.values, 1, outChannels, taps); // [taps, out]

  const pixels = new Float64Array(batch * outArea * outChannels); // [n, oh, ow, out]
  forEachTap((pixel, at, tap) => {
    const value = x.values[at];
    for (let oc = 0; oc < outChannels; oc++) pixels[pixel + oc] += value * w[tap + oc];
  });
  const shape = [batch, outChannels, outHeight, outWidth];
  const y = sized(shape, transposed(pixels, batch, outArea, outChannels));

  const backward = () => {
    const dy = transposed(y.gradient, batch, outChannels, outArea);
    const dw = new Float64Array(w.length);
    forEachTap((pixel, at, tap) => {
      const value = x.values[at];
      let dx = 0;
      for (let oc = 0; oc < outChannels; oc++) {
        dx += dy[pixel + oc] * w[tap + oc];
        dw[tap + oc] += dy[pixel + oc] * value;
      }
      x.gradient[at] += dx;
    });
    transposed(dw, 1, taps, outChannels).forEach((value, i) => {
      weight.gradient[i] += value;
    });
  };
  return { y, backward };

  /** Visits each input that an output sees: where the output's channels start, where the input is, its weights start. */
  function forEachTap(visit: (pixel: number, at: number, tap: number) => void): void {
    for (let n = 0; n < batch; n++)
      for (let oh = 0; oh < outHeight; oh++)
        for (let ow = 0; ow < outWidth; ow++)
          for (let kh = 0; kh < kernelHeight; kh++) {
            const h = oh * stride + kh - padding;
            if (h < 0 || h >= height) continue;
            for (let kw = 0; kw < kernelWidth; kw++) {
              const column = ow * stride + kw - padding;
              if (column < 0 || column >= width) continue;
              const pixel = ((n * outHeight + oh) * outWidth + ow) * outChannels;
              for (let c = 0; c < channels; c++) {
                const at = ((n * channels + c) * height + h) * width + column;
                visit(pixel, at, ((c * kernelHeight + kh) * kernelWidth + kw) * outChannels);
              }
            }
          }
  }
}

/** `[batch, rows, columns]` to `[batch, columns, rows]`. */
function transposed(values: Float64Array, batch: number, rows: number, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        result[(n * columns + column) * rows + row] = values[(n * rows + row) * columns + column];
  return result;
}
