// A model behind captured inferences of 1, 2, 4, … pictures, which outlives its device.
import type { CapturedStep } from '../engine/capture/index.ts';
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { openAgain } from '../engine/node/openAgain.ts';
import { Tensor } from '../engine/tensor.ts';
import { sizeOf } from '../kernels/definition.ts';
import { DeviceLostError, ShapeError } from '../kernels/errors.ts';

export interface ClassifierOptions {
  /** Opens a device: at the start, and when one was lost. */
  open: () => Promise<Device>;
  /** The model on that device, in inference mode; the classifier disposes of it. */
  load: (device: Device) => Promise<AnyModule>;
  /** Of one picture. */
  shape: readonly [channels: number, height: number, width: number];
  classes: number;
  maxBatch: number;
  onLoss?: ((error: DeviceLostError) => void) | undefined;
}

interface Rung {
  /** [n, c, h, w] */
  readonly x: Tensor;
  readonly step: CapturedStep<Tensor>;
}

interface Opened {
  readonly device: Device;
  readonly model: AnyModule;
  /** By ascending batch. */
  readonly ladder: readonly Rung[];
}

export class Classifier {
  /** Whether it can answer now. */
  isReady = true;
  readonly #options: ClassifierOptions;
  #opened: Opened;

  private constructor(options: ClassifierOptions, opened: Opened) {
    this.#options = options;
    this.#opened = opened;
  }

  /** @throws ShapeError when the model does not give a logit for each class; what `open` and `load` throw */
  static async open(options: ClassifierOptions): Promise<Classifier> {
    return new Classifier(options, await opened(options));
  }

  get device(): Device {
    return this.#opened.device;
  }

  /**
   * Where the device is lost, another is opened, and the batch runs once more.
   * @param inputs [c, h, w] each, at most `maxBatch`
   * @returns a row of logits for each
   * @throws DeviceLostError when the next device is lost too
   */
  async logits(inputs: readonly Float32Array[]): Promise<Float32Array[]> {
    try {
      return await this.#run(inputs);
    } catch (error) {
      if (!(error instanceof DeviceLostError)) throw error;
      await this.#reopen(error);
      return this.#run(inputs);
    }
  }

  dispose(): void {
    const { device, model, ladder } = this.#opened;
    this.isReady = false;
    for (const { x, step } of ladder) {
      step.dispose();
      x.dispose();
    }
    model.dispose();
    device.destroy();
  }

  async #run(inputs: readonly Float32Array[]): Promise<Float32Array[]> {
    const { shape, classes } = this.#options;
    const { x, step } = this.#opened.ladder.find((rung) => rung.x.shape[0] >= inputs.length)!;
    const size = sizeOf(shape);
    const values = new Float32Array(x.size);
    for (const [i, input] of inputs.entries()) values.set(input, i * size);
    x.write(values);
    step.replay();
    const logits = (await step.result.data()) as Float32Array;
    return inputs.map((_, i) => logits.subarray(i * classes, (i + 1) * classes));
  }

  async #reopen(lost: DeviceLostError): Promise<void> {
    this.isReady = false;
    this.#options.onLoss?.(lost);
    this.#opened = await opened({ ...this.#options, open: () => openAgain(this.#options.open) });
    this.isReady = true;
  }
}

async function opened({ open, load, shape, classes, maxBatch }: ClassifierOptions): Promise<Opened> {
  const device = await open();
  try {
    const model = await load(device);
    const ladder: Rung[] = [];
    for (const n of batches(maxBatch)) {
      const x = device.keep(device.tensor(new Float32Array(n * sizeOf(shape)), [n, ...shape]));
      const infer = () => device.noGrad(() => checked(model.call(x), [n, classes]));
      await device.warmUp(infer);
      const step = device.capture(infer);
      await step.result.data();
      ladder.push({ x, step });
    }
    return { device, model, ladder };
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** 1, 2, 4, … and the largest. */
function batches(maxBatch: number): number[] {
  const sizes: number[] = [];
  for (let n = 1; n < maxBatch; n *= 2) sizes.push(n);
  return [...sizes, maxBatch];
}

function checked(logits: unknown, shape: readonly [number, number]): Tensor {
  if (logits instanceof Tensor && logits.shape.join() === shape.join()) return logits;
  const found = logits instanceof Tensor ? `[${logits.shape.join(', ')}]` : 'no tensor';
  throw new ShapeError(`createService: the model must give logits of [${shape.join(', ')}], not ${found}`);
}
