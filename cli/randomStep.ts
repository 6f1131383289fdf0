// A model of the registry and a step of it on random images, for what measures steps: `wgrad profile`, `wgrad tune`.
import type { Device } from '../engine/device.ts';
import { rand } from '../engine/functional/random.ts';
import { SGD } from '../engine/optim/index.ts';
import type { InPhase } from '../engine/profile/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { ModelEntry, ModelOptions } from '../models/entry.ts';
import { checkModelFits } from '../training/checkModelFits.ts';
import { classifierLoss } from '../training/classifierLoss.ts';
import { UsageError } from './usageError.ts';

export const MODES = ['train', 'forward'] as const;

export interface StepFlags {
  batch: number;
  /** Height and width of the images, pixels. */
  size?: number | undefined;
  /** Of the model. Default: its own. */
  options?: ModelOptions | undefined;
}

/** Refused with words before it is refused by the memory. */
const MOST_IMAGES = 65536;
const MOST_PIXELS = 16384;

/** `[batch, channels, height, width]`. @throws UsageError, ShapeError for what the model does not read */
export function imagesShape(entry: ModelEntry, { batch, size, options }: StepFlags): [number, number, number, number] {
  const [ownChannels, height, width] = entry.inputShape;
  const channels = options?.inChannels ?? ownChannels;
  if (batch > MOST_IMAGES) throw new UsageError(`--batch: at most ${MOST_IMAGES} images, given ${batch}`);
  if (size !== undefined && size > MOST_PIXELS) {
    throw new UsageError(`--size: at most ${MOST_PIXELS} pixels, given ${size}`);
  }
  const [high, wide] = size === undefined ? [height, width] : [size, size];
  checkModelFits(entry, '--size', [high, wide]);
  return [batch, channels, high, wide];
}

/** Untrained, on the device. `train` has SGD with momentum; its rate is 0, so that many steps stay one and the same. */
export class RandomStep {
  readonly model: ReturnType<ModelEntry['create']>;
  readonly #device: Device;
  readonly #images: Tensor;
  readonly #labels: Tensor;
  readonly #optimizer: SGD | undefined;

  constructor(entry: ModelEntry, device: Device, mode: (typeof MODES)[number], flags: StepFlags) {
    const shape = imagesShape(entry, flags);
    this.#device = device;
    this.model = entry
      .create(flags.options)
      .to(device)
      .train(mode === 'train');
    this.#images = rand(device, shape);
    this.#labels = device.tensor(new Uint32Array(shape[0]), [shape[0]]);
    if (mode === 'train') this.#optimizer = new SGD(this.model.parameters(), { lr: 0, momentum: 0.9 });
  }

  /** Makes tensors in the scope that is open. */
  run(inPhase: InPhase): void {
    const optimizer = this.#optimizer;
    if (!optimizer) {
      this.#device.noGrad(() => this.model.call(this.#images));
      return;
    }
    const { loss } = classifierLoss(this.model.call(this.#images), this.#labels);
    optimizer.zeroGrad();
    loss.backward();
    inPhase('optimizer', () => optimizer.step());
  }

  dispose(): void {
    this.#optimizer?.dispose();
    this.#images.dispose();
    this.#labels.dispose();
    this.model.dispose();
  }
}
