// Batch normalisation with learned scale and shift and running statistics.
import { type BatchNorm2dInputs, batchNorm2d } from '../functional/normalization.ts';
import type { Tensor } from '../tensor.ts';
import { ones } from './init.ts';
import { Module } from './module.ts';
import { Buffer, Counter, Parameter } from './parameter.ts';
import { pythonBool, pythonFloat } from './pythonText.ts';

export interface BatchNorm2dOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Weight of the new statistics in the running ones; null averages over all batches. Default 0.1. */
  momentum?: number | null;
  /** Learns a scale (`weight`, from 1) and a shift (`bias`, from 0) per channel. Default true. */
  affine?: boolean;
  /** Keeps running statistics for inference; without them the batch's own are always used. Default true. */
  trackRunningStats?: boolean;
}

/**
 * Normalises each channel of `[n, c, h, w]` over n, h and w: with the batch's statistics in training (biased variance),
 * with the running ones (unbiased variance) in inference. Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167.
 * https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 */
export class BatchNorm2d extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Buffer | null;
  readonly runningVar: Buffer | null;
  readonly numBatchesTracked: Counter | null;

  constructor(
    numFeatures: number,
    { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true }: BatchNorm2dOptions = {},
  ) {
    super();
    const shape = [numFeatures];
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.weight = affine ? ones(new Parameter(shape)) : null;
    this.bias = affine ? new Parameter(shape) : null;
    this.runningMean = trackRunningStats ? new Buffer(shape) : null;
    this.runningVar = trackRunningStats ? ones(new Buffer(shape)) : null;
    this.numBatchesTracked = trackRunningStats ? new Counter() : null;
  }

  protected override forward(x: Tensor): Tensor {
    return this.normalise(x);
  }

  /** @internal `forward`, then `+ residual`, then the rectifier, in one operation; see normRelu.ts. */
  normalise(x: Tensor, { residual, relu }: Pick<BatchNorm2dInputs, 'residual' | 'relu'> = {}): Tensor {
    const { weight, bias, numBatchesTracked, eps } = this;
    const isAgain = this.training && !x.isShapeOnly && x.device.isRecomputing;
    if (this.training && numBatchesTracked && !isAgain) this.#count(x, numBatchesTracked);
    const [runningMean, runningVar] = isAgain ? [null, null] : [this.runningMean, this.runningVar];
    return batchNorm2d(x, {
      weight: weight ?? undefined,
      bias: bias ?? undefined,
      runningMean: runningMean ?? undefined,
      runningVar: runningVar ?? undefined,
      training: this.training || !runningMean,
      momentum: this.momentum ?? 1 / (numBatchesTracked?.value || 1),
      eps,
      residual,
      relu,
    });
  }

  #count(x: Tensor, batches: Counter): void {
    if (x.isShapeOnly) batches.value++;
    else {
      x.device.eachStep(
        () => batches.value++,
        () => batches.value--,
      );
      // the share of the batch would have to follow the count
      if (this.momentum === null)
        x.device.recorder.tape?.refuse('a BatchNorm2d with momentum null averages over all batches');
    }
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? 'None' : pythonFloat(this.momentum);
    return [
      `${this.numFeatures}, eps=${pythonFloat(this.eps)}, momentum=${momentum}`,
      `affine=${pythonBool(this.weight !== null)}, track_running_stats=${pythonBool(this.runningMean !== null)}`,
    ].join(', ');
  }
}
