// Loss scaling for float16: gradients are made larger, so that small ones are not lost, and made small again before the
// step; a scale that overflows is lowered and its step left out.
import { affine } from '../../kernels/affine/affine.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { unscale } from '../../kernels/unscale/unscale.ts';
import { apply } from '../apply.ts';
import type { Tensor } from '../tensor.ts';
import { gradientRuns } from './gradientRuns.ts';

export interface GradScalerOptions {
  /** Default 65536. */
  initScale?: number;
  /** The scale grows by this after `growthInterval` steps without overflow. Default 2. */
  growthFactor?: number;
  /** The scale shrinks by this after an overflow. Default 0.5. */
  backoffFactor?: number;
  /** Default 2000. */
  growthInterval?: number;
}

/** PyTorch's names. */
export interface GradScalerState {
  scale: number;
  growth_factor: number;
  backoff_factor: number;
  growth_interval: number;
  _growth_tracker: number;
}

/** What it needs of an optimizer. */
export interface ScaledOptimizer {
  readonly paramGroups: readonly { readonly params: readonly Tensor[] }[];
  step(): void;
}

/**
 * One step:
 *
 *     const loss = device.autocast(() => crossEntropy(model.call(x), labels));
 *     optimizer.zeroGrad();
 *     scaler.scale(loss).backward();
 *     await scaler.step(optimizer); // or `scaler.unscale(optimizer)` before it, to clip gradients in between
 *     scaler.update();
 *
 * `scale` and `unscale` may stand in a captured step, `step` after its replay.
 * @see https://pytorch.org/docs/stable/amp.html#torch.amp.GradScaler
 */
export class GradScaler {
  #scale: number;
  #growthFactor: number;
  #backoffFactor: number;
  #growthInterval: number;
  /** Steps in a row without overflow. */
  #growthTracker = 0;
  /** Of each optimizer whose gradients were unscaled: 1 where one of them is not finite. */
  readonly #found = new Map<ScaledOptimizer, Tensor>();
  /** Whether gradients that wait for `step` are unscaled. */
  readonly #isUnscaled = new Set<ScaledOptimizer>();
  /** Whether a step since the last `update` was left out; undefined before any. */
  #overflowed: boolean | undefined;

  /** @throws ShapeError for options outside their range */
  constructor({
    initScale = 65536,
    growthFactor = 2,
    backoffFactor = 0.5,
    growthInterval = 2000,
  }: GradScalerOptions = {}) {
    checkOptions({ initScale, growthFactor, backoffFactor, growthInterval });
    this.#scale = initScale;
    this.#growthFactor = growthFactor;
    this.#backoffFactor = backoffFactor;
    this.#growthInterval = growthInterval;
  }

  /** The factor at present. */
  get currentScale(): number {
    return this.#scale;
  }

  /** The loss times the scale, whose `backward()` gives scaled gradients. @param loss float32, any shape */
  scale(loss: Tensor): Tensor {
    const options = () => ({ scale: this.#scale });
    return apply(affine, { x: loss }, options(), { live: options }).y;
  }

  /** Divides the optimizer's gradients by the scale; `step` does it where it was not done. @throws ShapeError when there are none */
  unscale(optimizer: ScaledOptimizer): void {
    const parameters = optimizer.paramGroups.flatMap(({ params }) => params);
    const [first] = parameters.filter(({ grad }) => grad);
    if (!first) throw new ShapeError('GradScaler: no parameter has a gradient; call backward() first');
    const { device } = first;
    const found = this.#foundOf(optimizer, first);
    const options = () => ({ factor: 1 / this.#scale });
    device.tidy(() =>
      device.noGrad(() => {
        for (const gradients of gradientRuns(parameters)) {
          apply(unscale, { gradients, found }, options(), { live: options });
        }
      }),
    );
    device.eachStep(
      () => this.#isUnscaled.add(optimizer),
      () => this.#isUnscaled.delete(optimizer),
    );
  }

  /**
   * Takes the optimizer's step, unless a gradient is infinite or NaN. Waits for the GPU.
   * @returns whether it was taken
   */
  async step(optimizer: ScaledOptimizer): Promise<boolean> {
    if (!this.#isUnscaled.has(optimizer)) this.unscale(optimizer);
    this.#isUnscaled.delete(optimizer);
    const found = this.#found.get(optimizer)!;
    const overflowed = (await found.item()) !== 0;
    if (!overflowed) optimizer.step();
    else found.write([0]);
    this.#overflowed = this.#overflowed || overflowed;
    return !overflowed;
  }

  /** Adapts the scale to what the steps since the last call met. @throws ShapeError when there was none */
  update(): void {
    if (this.#overflowed === undefined) throw new ShapeError('GradScaler.update: call step() first');
    if (this.#overflowed) {
      this.#scale *= this.#backoffFactor;
      this.#growthTracker = 0;
    } else if (++this.#growthTracker === this.#growthInterval) {
      const grown = this.#scale * this.#growthFactor;
      if (Math.fround(grown) < Infinity) this.#scale = grown;
      this.#growthTracker = 0;
    }
    this.#overflowed = undefined;
  }

  /** JSON, to continue a run. */
  stateDict(): GradScalerState {
    return {
      scale: this.#scale,
      growth_factor: this.#growthFactor,
      backoff_factor: this.#backoffFactor,
      growth_interval: this.#growthInterval,
      _growth_tracker: this.#growthTracker,
    };
  }

  /** Continues where `stateDict` was taken. @throws ShapeError before anything is changed */
  loadStateDict(state: GradScalerState): void {
    const { scale, growth_factor, backoff_factor, growth_interval, _growth_tracker } = state;
    const factors = { growthFactor: growth_factor, backoffFactor: backoff_factor };
    checkOptions({ initScale: scale, ...factors, growthInterval: growth_interval });
    if (!Number.isInteger(_growth_tracker) || _growth_tracker < 0) {
      throw new ShapeError(`GradScaler: _growth_tracker must be a whole number from 0, given ${_growth_tracker}`);
    }
    this.#scale = scale;
    this.#growthFactor = growth_factor;
    this.#backoffFactor = backoff_factor;
    this.#growthInterval = growth_interval;
    this.#growthTracker = _growth_tracker;
    this.#isUnscaled.clear();
    this.#overflowed = undefined;
  }

  /** Gives its memory back: a few bytes. */
  dispose(): void {
    for (const found of this.#found.values()) found.dispose();
    this.#found.clear();
  }

  #foundOf(optimizer: ScaledOptimizer, { device }: Tensor): Tensor {
    let found = this.#found.get(optimizer);
    if (found?.device !== device || found.storage.isVoid) {
      found?.dispose();
      found = device.recorder.aside(() => device.keep(device.tensor(Uint32Array.of(0))));
      this.#found.set(optimizer, found);
    }
    return found;
  }
}

function checkOptions(options: Required<GradScalerOptions>): void {
  const { initScale, growthFactor, backoffFactor, growthInterval } = options;
  const wrong = [
    initScale > 0 && Math.fround(initScale) < Infinity ? '' : `initScale must be a positive number, given ${initScale}`,
    growthFactor > 1 ? '' : `growthFactor must be above 1, given ${growthFactor}`,
    backoffFactor > 0 && backoffFactor < 1 ? '' : `backoffFactor must lie between 0 and 1, given ${backoffFactor}`,
    growthInterval >= 1 && Number.isInteger(growthInterval)
      ? ''
      : `growthInterval must be a whole number from 1, given ${growthInterval}`,
  ].find(Boolean);
  if (wrong) throw new ShapeError(`GradScaler: ${wrong}`);
}
