// The layers of network.ts in float64 on the CPU, forward and backward: the benchmark's oracle. It shares no code with
// the engine, so that a mistake there cannot hide here; tests/bench holds its gradients against central differences.
import type { Layers } from '../network.ts';
import { conv2d, type Window } from './conv2d.ts';
import { type Node, sized } from './node.ts';

const EPS = 1e-5;

/** Remembers what it computed; `backward()` then adds every gradient. */
export class ReferenceLayers implements Layers<Node> {
  readonly #parameters: Readonly<Record<string, Node>>;
  readonly #isTraining: boolean;
  readonly #tape: (() => void)[] = [];

  /** @param isTraining whether batch norm goes by the batch */
  constructor(parameters: Readonly<Record<string, Node>>, isTraining: boolean) {
    this.#parameters = parameters;
    this.#isTraining = isTraining;
  }

  /** From the gradient of the last result, set by the caller, to those of everything before it. */
  backward(): void {
    for (const step of this.#tape.toReversed()) step();
  }

  conv2d(x: Node, name: string, { stride = 1, padding = 0, relu = false }: Partial<Window> & { relu?: boolean }): Node {
    const { y, backward } = conv2d(x, this.#parameters[`${name}.weight`], { stride, padding });
    this.#tape.push(backward);
    const bias = this.#parameters[`${name}.bias`];
    if (bias) this.#addBias(y, bias);
    return relu ? this.relu(y) : y;
  }

  batchNorm2d(x: Node, name: string): Node {
    const part = (what: string) => this.#parameters[`${name}.${what}`];
    const [weight, bias, runningMean, runningVar] = ['weight', 'bias', 'running_mean', 'running_var'].map(part);
    const y = sized(x.shape);
    const [batch, channels, height, width] = x.shape;
    const count = batch * height * width;
    for (let c = 0; c < channels; c++) {
      const positions = channelPositions(x.shape, c);
      const sum = (f: (i: number) => number) => positions.reduce((total, i) => total + f(i), 0);
      const mean = this.#isTraining ? sum((i) => x.values[i]) / count : runningMean.values[c];
      const variance = this.#isTraining ? sum((i) => (x.values[i] - mean) ** 2) / count : runningVar.values[c];
      const scale = 1 / Math.sqrt(variance + EPS);
      for (const i of positions) y.values[i] = (x.values[i] - mean) * scale * weight.values[c] + bias.values[c];
      if (!this.#isTraining) continue; // evaluation has no backward here
      this.#tape.push(() => {
        const normalized = (i: number) => (x.values[i] - mean) * scale;
        const sumDy = sum((i) => y.gradient[i]);
        const sumDyX = sum((i) => y.gradient[i] * normalized(i));
        weight.gradient[c] += sumDyX;
        bias.gradient[c] += sumDy;
        for (const i of positions)
          x.gradient[i] +=
            weight.values[c] * scale * (y.gradient[i] - sumDy / count - (normalized(i) * sumDyX) / count);
      });
    }
    return y;
  }

  relu(x: Node): Node {
    const y = sized(x.shape);
    for (let i = 0; i < x.values.length; i++) y.values[i] = Math.max(0, x.values[i]);
    this.#tape.push(() => {
      for (let i = 0; i < x.values.length; i++) if (y.values[i] > 0) x.gradient[i] += y.gradient[i];
    });
    return y;
  }

  /** The gradient goes to the first of equal maxima. */
  maxPool2d(x: Node, { kernel, stride, padding = 0 }: { kernel: number; stride: number; padding?: number }): Node {
    const [batch, channels, height, width] = x.shape;
    const outHeight = Math.floor((height + 2 * padding - kernel) / stride) + 1;
    const outWidth = Math.floor((width + 2 * padding - kernel) / stride) + 1;
    const y = sized([batch, channels, outHeight, outWidth]);
    const winners = new Int32Array(y.values.length);
    for (let i = 0; i < winners.length; i++) {
      const plane = Math.floor(i / (outHeight * outWidth)) * height * width;
      const oh = Math.floor(i / outWidth) % outHeight;
      let winner = -1;
      for (let kh = 0; kh < kernel; kh++)
        for (let kw = 0; kw < kernel; kw++) {
          const h = oh * stride + kh - padding;
          const w = (i % outWidth) * stride + kw - padding;
          if (h < 0 || h >= height || w < 0 || w >= width) continue;
          const at = plane + h * width + w;
          if (winner < 0 || x.values[at] > x.values[winner]) winner = at;
        }
      winners[i] = winner;
      y.values[i] = x.values[winner];
    }
    this.#tape.push(() => {
      for (const [i, winner] of winners.entries()) x.gradient[winner] += y.gradient[i];
    });
    return y;
  }

  globalAvgPool(x: Node): Node {
    const [batch, channels, height, width] = x.shape;
    const area = height * width;
    const y = sized([batch, channels]);
    for (let i = 0; i < x.values.length; i++) y.values[Math.floor(i / area)] += x.values[i] / area;
    this.#tape.push(() => {
      for (let i = 0; i < x.values.length; i++) x.gradient[i] += y.gradient[Math.floor(i / area)] / area;
    });
    return y;
  }

  flatten(x: Node): Node {
    return { ...x, shape: [x.shape[0], x.values.length / x.shape[0]] };
  }

  /** A convolution of images that are one pixel. */
  linear(x: Node, name: string, { relu = false }: { relu?: boolean } = {}): Node {
    const weight = this.#parameters[`${name}.weight`];
    const pixel = (node: Node): Node => ({ ...node, shape: [...node.shape, 1, 1] });
    const { y, backward } = conv2d(pixel(x), pixel(weight), { stride: 1, padding: 0 });
    this.#tape.push(backward);
    this.#addBias(y, this.#parameters[`${name}.bias`]);
    const flat = this.flatten(y);
    return relu ? this.relu(flat) : flat;
  }

  add(a: Node, b: Node): Node {
    const y = sized(a.shape);
    for (let i = 0; i < y.values.length; i++) y.values[i] = a.values[i] + b.values[i];
    this.#tape.push(() => {
      for (let i = 0; i < y.values.length; i++) {
        a.gradient[i] += y.gradient[i];
        b.gradient[i] += y.gradient[i];
      }
    });
    return y;
  }

  share(x: Node): Node {
    return x;
  }

  /** In place: nothing needs the sum without it. */
  #addBias(y: Node, bias: Node): void {
    const area = y.shape[2] * y.shape[3];
    const channelOf = (i: number) => Math.floor(i / area) % bias.values.length;
    for (let i = 0; i < y.values.length; i++) y.values[i] += bias.values[channelOf(i)];
    this.#tape.push(() => {
      for (let i = 0; i < y.values.length; i++) bias.gradient[channelOf(i)] += y.gradient[i];
    });
  }
}

/** Where the values of channel `c` lie in `[n, c, h, w]`. */
function channelPositions([batch, channels, height, width]: readonly number[], c: number): Int32Array {
  const area = height * width;
  return Int32Array.from({ length: batch * area }, (_, i) => (Math.floor(i / area) * channels + c) * area + (i % area));
}
