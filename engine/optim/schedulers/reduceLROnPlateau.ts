// Decay when a metric stops improving.
import { ShapeError } from '../../../kernels/errors.ts';
import { check, checkState, isNonNegativeInteger, perGroup } from './checks.ts';
import type { ScheduledOptimizer, Scheduler, SchedulerState } from './scheduler.ts';

export interface PlateauOptions {
  mode?: 'min' | 'max';
  factor?: number;
  patience?: number;
  threshold?: number;
  thresholdMode?: 'rel' | 'abs';
  cooldown?: number;
  minLr?: number | number[];
  eps?: number;
}

/**
 * Multiplies the rate by `factor` once the metric has not improved for more than `patience` calls of `step(metric)`.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 * @param options defaults: `mode` 'min', `factor` 0.1, `patience` 10, `threshold` 1e-4, `thresholdMode` 'rel',
 *   `cooldown` 0, `minLr` 0 (or one per group), `eps` 1e-8: smaller changes of the rate are not made
 */
export class ReduceLROnPlateau implements Scheduler {
  readonly type = 'ReduceLROnPlateau';
  readonly optimizer: ScheduledOptimizer;
  lastEpoch = 0;
  private readonly options: Required<PlateauOptions>;
  private readonly minLrs: number[];
  private best: number | null = null;
  private badEpochs = 0;
  private cooldownLeft = 0;

  constructor(
    optimizer: ScheduledOptimizer,
    {
      mode = 'min',
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      thresholdMode = 'rel',
      cooldown = 0,
      minLr = 0,
      eps = 1e-8,
    }: PlateauOptions = {},
  ) {
    const where = 'ReduceLROnPlateau';
    check(where, 'mode', mode, ['min', 'max'].includes(mode), "'min' or 'max'");
    check(where, 'factor', factor, factor >= 0 && factor < 1, 'at least 0 and below 1');
    check(where, 'patience', patience, isNonNegativeInteger(patience), 'an integer of at least 0');
    check(where, 'threshold', threshold, Number.isFinite(threshold), 'a finite number');
    check(where, 'thresholdMode', thresholdMode, ['rel', 'abs'].includes(thresholdMode), "'rel' or 'abs'");
    check(where, 'cooldown', cooldown, isNonNegativeInteger(cooldown), 'an integer of at least 0');
    check(where, 'eps', eps, eps >= 0, 'at least 0');
    this.optimizer = optimizer;
    this.options = { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
    this.minLrs = perGroup(where, 'minLr', minLr, optimizer);
  }

  /** @param metric the watched number, say the validation loss; NaN counts as no improvement */
  step(metric?: number): void {
    if (metric === undefined) throw new ShapeError('ReduceLROnPlateau: step(metric) needs the metric it watches');
    this.lastEpoch++;
    if (this.isBetter(metric)) {
      this.best = metric;
      this.badEpochs = 0;
    } else this.badEpochs++;
    if (this.cooldownLeft > 0) {
      this.cooldownLeft--;
      this.badEpochs = 0;
    }
    if (this.badEpochs > this.options.patience) {
      this.reduceLrs();
      this.cooldownLeft = this.options.cooldown;
      this.badEpochs = 0;
    }
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  stateDict(): SchedulerState {
    const { lastEpoch, best, badEpochs, cooldownLeft } = this;
    return { type: this.type, lastEpoch, lastLr: this.getLastLr(), best, badEpochs, cooldownLeft };
  }

  loadStateDict(state: SchedulerState): void {
    const where = this.type;
    checkState(where, state, this.optimizer);
    const { best = null, badEpochs = 0, cooldownLeft = 0 } = state;
    check(where, 'best', best, best === null || Number.isFinite(best), 'a number or null');
    check(where, 'badEpochs', badEpochs, isNonNegativeInteger(badEpochs), 'an integer of at least 0');
    check(where, 'cooldownLeft', cooldownLeft, isNonNegativeInteger(cooldownLeft), 'an integer of at least 0');
    this.lastEpoch = state.lastEpoch;
    this.best = best;
    this.badEpochs = badEpochs;
    this.cooldownLeft = cooldownLeft;
    this.optimizer.paramGroups.forEach((group, index) => {
      group.lr = state.lastLr[index];
    });
  }

  private isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.options;
    const best = this.best ?? (mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
    if (mode === 'min') return metric < (thresholdMode === 'rel' ? best * (1 - threshold) : best - threshold);
    return metric > (thresholdMode === 'rel' ? best * (threshold + 1) : best + threshold);
  }

  private reduceLrs(): void {
    this.optimizer.paramGroups.forEach((group, index) => {
      const lr = Math.max(group.lr * this.options.factor, this.minLrs[index]);
      if (group.lr - lr > this.options.eps) group.lr = lr;
    });
  }
}
