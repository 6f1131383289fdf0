// Loss and predictions of training steps, read several steps at once: a read for every step would cost a small model
// as much as the step itself.
import type { Device } from '../engine/device.ts';
import type { Tensor } from '../engine/tensor.ts';

export interface StepOutcome {
  /** Mean over the batch. */
  loss: number;
  /** Images classified right. */
  right: number;
  /** Images in the batch. */
  images: number;
  /** The learning rate the step was taken with. */
  lr: number;
}

type Step = Pick<StepOutcome, 'lr'> & { labels: Uint32Array };

/** Collects outcomes on the GPU in memory of its own, of one size however many steps wait. */
export class StepReader implements Disposable {
  /** Steps it can hold. */
  readonly capacity: number;
  readonly #batchSize: number;
  readonly #losses: Tensor; // [capacity]
  readonly #predictions: Tensor; // [capacity, batchSize]
  #steps: Step[] = [];

  constructor(device: Device, { capacity, batchSize }: { capacity: number; batchSize: number }) {
    this.capacity = capacity;
    this.#batchSize = batchSize;
    this.#losses = device.keep(device.empty([capacity]));
    this.#predictions = device.keep(device.empty([capacity, batchSize], { dtype: 'uint32' }));
  }

  /** Steps that wait to be read: at most `capacity`. */
  get count(): number {
    return this.#steps.length;
  }

  /**
   * @param loss a scalar
   * @param predictions uint32 [n], as `labels`; n up to the batch size
   */
  add(loss: Tensor, predictions: Tensor, step: Step): void {
    copyInto(this.#losses, this.count, loss);
    copyInto(this.#predictions, this.count * this.#batchSize, predictions);
    this.#steps.push(step);
  }

  /** The outcomes of all steps added since the last read, in order. The read is enqueued before it returns. */
  async read(): Promise<StepOutcome[]> {
    const steps = this.#steps;
    if (steps.length === 0) return [];
    this.#steps = [];
    const [losses, classes] = await Promise.all([this.#losses.data(), this.#predictions.data()]);
    return steps.map(({ labels, lr }, i) => {
      const start = i * this.#batchSize;
      const right = labels.reduce((count, label, j) => count + Number(classes[start + j] === label), 0);
      return { loss: losses[i], right, images: labels.length, lr };
    });
  }

  [Symbol.dispose](): void {
    this.#losses.dispose();
    this.#predictions.dispose();
  }
}

/** Bytes of `source` to element `start` of `target`; both are row-major. */
function copyInto(target: Tensor, start: number, source: Tensor): void {
  source.device.recorder.copy(
    { buffer: source.storage.buffer, offset: source.byteOffset, size: source.size * 4 },
    { buffer: target.storage.buffer, offset: target.byteOffset + start * 4 },
  );
}
