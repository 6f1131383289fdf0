// Batch normalisation over the samples of all ranks: sums, sums of squares and counts are added up in the forward pass, the
// sums that its gradient needs in the backward pass. As torch.nn.SyncBatchNorm,
// https://pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
//
// The passes are one call each, which cannot await: the statistics are read and exchanged within it, so each layer waits
// twice a step for the GPU and for the other ranks, and such steps are not captured.
import { reordered } from '../../engine/apply.ts';
import { GraphNode } from '../../engine/autograd.ts';
import type { Device } from '../../engine/device.ts';
import type { BatchNorm2dInputs } from '../../engine/functional/normalization.ts';
import { BatchNorm2d } from '../../engine/nn/batchNorm2d.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { equivalentOrder } from '../../engine/reorder.ts';
import { Tensor } from '../../engine/tensor.ts';
import { bytesOf, type TensorSpec } from '../../kernels/definition.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import type { Communicator } from './communicator.ts';

/** Reads float32 tensors without leaving the call, one array for each. */
export type ReadNow = (device: Device, tensors: readonly Tensor[]) => Float32Array[];

export interface SyncBatchNormOptions {
  readNow: ReadNow;
  /** Whether the samples of the step under way count; not those of a rank that has none of its own. */
  counts: () => boolean;
}

/** All but the channels. */
const OVER = [0, 2, 3];

/** Makes the batch norms of a model look at all ranks in training, until it is disposed. */
export class SyncBatchNorm implements Disposable {
  readonly #norms: readonly BatchNorm2d[];
  readonly #communicator: Communicator;
  readonly #options: SyncBatchNormOptions;

  constructor(model: AnyModule, communicator: Communicator, options: SyncBatchNormOptions) {
    this.#communicator = communicator;
    this.#options = options;
    this.#norms = model.modules().filter((module) => module instanceof BatchNorm2d);
    for (const norm of this.#norms) {
      const value = (x: Tensor, given: Pick<BatchNorm2dInputs, 'residual' | 'relu'> = {}) => {
        if (!norm.training || x.isShapeOnly) return BatchNorm2d.prototype.normalise.call(norm, x, given);
        return this.#normalise(norm, x, given);
      };
      Object.defineProperty(norm, 'normalise', { value, configurable: true }); // modules enumerate their fields
    }
  }

  [Symbol.dispose](): void {
    for (const norm of this.#norms) Reflect.deleteProperty(norm, 'normalise');
  }

  #normalise(norm: BatchNorm2d, given: Tensor, { residual, relu }: Pick<BatchNorm2dInputs, 'residual' | 'relu'>) {
    const { device } = given;
    device.recorder.tape?.refuse('synchronised batch norm exchanges statistics in the middle of the step');
    const x = given.to('float32');
    const [n, channels, h, w] = x.shape as [number, number, number, number];
    const counted = this.#options.counts() ? 1 : 0;
    const { mean, variance, count } = this.#statistics(x, counted * n * h * w);
    const perChannel = (values: Float64Array) => device.tensor(Float32Array.from(values), [1, channels, 1, 1]);
    const scale = perChannel(variance.map((value) => 1 / Math.sqrt(value + norm.eps)));
    if (norm.numBatchesTracked) norm.numBatchesTracked.value++;
    const momentum = norm.momentum ?? 1 / (norm.numBatchesTracked?.value || 1);
    device.noGrad(() => {
      update(norm.runningMean, mean, momentum);
      update(
        norm.runningVar,
        variance.map((value) => (value * count) / (count - 1)),
        momentum,
      );
    });
    let y = this.#affine(norm, x, { mean: perChannel(mean), scale, count, counted });
    if (residual) y = y.add(residual.to('float32'));
    return relu ? y.relu() : y;
  }

  /** Over all ranks. */
  #statistics(x: Tensor, ownCount: number) {
    const [means, squares] = x.device.noGrad(() => {
      const mean = x.mean(OVER, { keepDim: true });
      const centred = x.sub(mean);
      return this.#options.readNow(x.device, [mean, centred.mul(centred).sum(OVER)]);
    }) as [Float32Array, Float32Array];
    const channels = means.length;
    // sums around zero from those around this rank's own mean, in float64
    const sums = new Float64Array(2 * channels + 1);
    if (ownCount > 0) {
      for (let c = 0; c < channels; c++) {
        sums[c] = ownCount * means[c]!;
        sums[channels + c] = squares[c]! + ownCount * means[c]! ** 2;
      }
      sums[2 * channels] = ownCount;
    }
    const all = this.#communicator.totalNow(sums, 'statistics of batch norm');
    const count = all[2 * channels]!;
    if (count <= 1) {
      throw new ShapeError(
        `batchNorm2d: training needs more than one value per channel; all ranks together have ${count} (x: ${show(x.shape)})`,
      );
    }
    const mean = all.slice(0, channels).map((sum) => sum / count);
    const variance = mean.map((value, c) => Math.max(0, all[channels + c]! / count - value ** 2));
    return { mean, variance, count };
  }

  /** `(x - mean) * scale * weight + bias`, with the gradient of mean and scale through the samples of all ranks. */
  #affine(
    { weight, bias }: BatchNorm2d,
    x: Tensor,
    { mean, scale, count, counted }: { mean: Tensor; scale: Tensor; count: number; counted: number },
  ): Tensor {
    const { device } = x;
    const shape = mean.shape;
    const [normal, y] = device.noGrad(() => {
      const normalised = x.sub(mean).mul(scale);
      const scaled = weight ? normalised.mul(weight.reshape(shape)) : normalised;
      return [normalised, bias ? scaled.add(bias.reshape(shape)) : scaled.add(0)] as const;
    });
    if (!device.gradEnabled) return y;
    const inputs = Object.fromEntries(
      Object.entries({ x, weight, bias }).filter((entry): entry is [string, Tensor] => entry[1]?.requiresGrad ?? false),
    );
    if (Object.keys(inputs).length === 0) return y;
    y.node = new GraphNode(device, 'syncBatchNorm2d', y, {
      inputs,
      saved: { normal, scale, ...(weight && { weight }) },
      run: (operands) => {
        const view = (name: string) => viewOf(device, operands[name]!);
        const [dy, saved] = [view('dy'), view('normal')];
        const dbias = dy.sum(OVER, { keepDim: true });
        const dweight = dy.mul(saved).sum(OVER, { keepDim: true });
        if (operands.dbias) into(operands.dbias, dbias.reshape(operands.dbias.shape));
        if (operands.dweight) into(operands.dweight, dweight.reshape(operands.dweight.shape));
        if (!operands.dx) return; // in every rank, for all have the same model
        const read = this.#options.readNow(device, [dbias, dweight]);
        const channels = dbias.size;
        const sums = new Float64Array(2 * channels);
        if (counted) for (const [i, values] of read.entries()) sums.set(values, i * channels);
        const means = this.#communicator.totalNow(sums, 'gradients of batch norm').map((sum) => sum / count);
        const ofAll = (from: number) => device.tensor(Float32Array.from(means.subarray(from, from + channels)), shape);
        const centred = dy.sub(ofAll(0)).sub(saved.mul(ofAll(channels)));
        const factor = operands.weight ? view('scale').mul(view('weight').reshape(shape)) : view('scale');
        into(operands.dx, centred.mul(factor).mul(counted));
      },
    });
    return y;
  }
}

type Operand = TensorSpec & Pick<Tensor, 'storage' | 'byteOffset'>;

function viewOf(device: Device, { storage, byteOffset, ...spec }: Operand): Tensor {
  return new Tensor(device, spec, storage.retain(), byteOffset);
}

/** Copies values to where a backward pass wants them. */
function into(target: Operand, values: Tensor): void {
  const { shape, order, storage, byteOffset } = target;
  const inOrder = equivalentOrder(shape, values.order, order) ? values : reordered(values, order);
  values.device.recorder.copy(
    { buffer: inOrder.storage.buffer, offset: inOrder.byteOffset, size: bytesOf(values) },
    { buffer: storage.buffer, offset: byteOffset },
  );
}

function update(running: Tensor | null, values: Float64Array, momentum: number): void {
  if (!running) return;
  const { device, shape } = running;
  const fresh = running.mul(1 - momentum).add(
    device.tensor(
      Float32Array.from(values, (v) => v * momentum),
      shape,
    ),
  );
  into(running, fresh);
}
