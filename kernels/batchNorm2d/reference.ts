// Batch normalisation in float64, naive: the specification.
// https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
import { at, map, type NdArray, type NdArrays, ndarray, zeros } from '../ndarray.ts';
import type { Reference } from '../reference.ts';
import type { BatchNorm2dOptions } from './batchNorm2d.ts';

export const reference: Reference<BatchNorm2dOptions> = {
  forward(inputs, options) {
    const { x, weight, bias, runningMean, runningVar, residual } = inputs;
    const { training, momentum = 0.1, relu = false } = options;
    const [n, c, height, width] = x.shape;
    const { mean, variance, invStd } = statisticsOf(inputs, options);
    const y = zeros(x.shape);
    eachElement(x, (i, channel) => {
      const xhat = (x.data[i] - mean[channel]) * invStd[channel];
      const value = xhat * (weight?.data[channel] ?? 1) + (bias?.data[channel] ?? 0) + (residual?.data[i] ?? 0);
      y.data[i] = relu ? Math.max(value, 0) : value;
    });
    // the mean in two float32 parts, as the kernels keep it
    const rest = mean.map((value) => value - Math.fround(value));
    const scale = invStd.map((value, channel) => value * (weight?.data[channel] ?? 1));
    const shift = scale.map((value, channel) => (bias?.data[channel] ?? 0) - rest[channel] * value);
    const perChannel = [...mean.map(Math.fround), ...rest, ...invStd, ...scale, ...shift];
    const outputs: Record<string, NdArray> = { y, perChannel: ndarray([5, c], perChannel) };
    if (!runningMean) return outputs;
    const rows = n * height * width;
    const updated = (running: NdArray, batch: (channel: number) => number) =>
      training ? map(running, (value, channel) => (1 - momentum) * value + momentum * batch(channel)) : running;
    return {
      ...outputs,
      runningMean: updated(runningMean, (channel) => mean[channel]),
      // unbiased here, biased in y
      runningVar: updated(runningVar, (channel) => (variance[channel] * rows) / (rows - 1)),
    };
  },

  backward(inputs, { y }, dyOfRelu, options) {
    const { x, weight, bias, residual } = inputs;
    const [n, c, height, width] = x.shape;
    const { mean, invStd } = statisticsOf(inputs, options);
    const rows = n * height * width;
    const dy = options.relu ? map(dyOfRelu, (gradient, i) => (y.data[i] <= 0 ? 0 : gradient)) : dyOfRelu;
    const xhat = (i: number, channel: number) => (x.data[i] - mean[channel]) * invStd[channel];
    const sumDy = zeros([c]);
    const sumDyXhat = zeros([c]);
    eachElement(x, (i, channel) => {
      sumDy.data[channel] += dy.data[i];
      sumDyXhat.data[channel] += dy.data[i] * xhat(i, channel);
    });
    const dx = zeros(x.shape);
    eachElement(x, (i, channel) => {
      const throughStatistics = options.training
        ? (sumDy.data[channel] + xhat(i, channel) * sumDyXhat.data[channel]) / rows
        : 0;
      dx.data[i] = (weight?.data[channel] ?? 1) * invStd[channel] * (dy.data[i] - throughStatistics);
    });
    return {
      x: dx,
      ...(weight && { weight: sumDyXhat }),
      ...(bias && { bias: sumDy }),
      ...(residual && { residual: dy }),
    };
  },
};

/** What x is normalised by, per channel: its own mean and biased variance in training, else the running ones. */
function statisticsOf({ x, runningMean, runningVar }: NdArrays, { training, eps = 1e-5 }: BatchNorm2dOptions) {
  const [n, c, height, width] = x.shape;
  const rows = n * height * width;
  let mean = new Float64Array(c);
  let variance = new Float64Array(c);
  if (training) {
    eachElement(x, (i, channel) => {
      mean[channel] += x.data[i] / rows;
    });
    eachElement(x, (i, channel) => {
      variance[channel] += (x.data[i] - mean[channel]) ** 2 / rows;
    });
  } else {
    mean = Float64Array.from(runningMean.data);
    variance = Float64Array.from(runningVar.data);
  }
  return { mean, variance, invStd: variance.map((value) => 1 / Math.sqrt(value + eps)) };
}

function eachElement({ shape }: NdArray, visit: (index: number, channel: number) => void): void {
  const [n, c, height, width] = shape;
  for (let i = 0; i < n; i++)
    for (let channel = 0; channel < c; channel++)
      for (let h = 0; h < height; h++) for (let w = 0; w < width; w++) visit(at(shape, i, channel, h, w), channel);
}
