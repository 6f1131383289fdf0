// Linear warm-up.
import { check, isCount } from './checks.ts';
import { LRScheduler, type ScheduledGroup, type ScheduledOptimizer } from './scheduler.ts';

/**
 * Warm-up: the rate goes linearly from `startFactor` to `endFactor` times the initial one in `totalIters` steps.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 * @param options `startFactor` = 1/3, in (0, 1]; `endFactor` = 1, in [0, 1]; `totalIters` = 5
 */
export class LinearLR extends LRScheduler {
  readonly type = 'LinearLR';
  private readonly startFactor: number;
  private readonly endFactor: number;
  private readonly totalIters: number;

  constructor(
    optimizer: ScheduledOptimizer,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    check('LinearLR', 'startFactor', startFactor, startFactor > 0 && startFactor <= 1, 'above 0 and at most 1');
    check('LinearLR', 'endFactor', endFactor, endFactor >= 0 && endFactor <= 1, 'between 0 and 1');
    check('LinearLR', 'totalIters', totalIters, isCount(totalIters), 'a positive integer');
    super(optimizer);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.step();
  }

  protected nextLr(group: ScheduledGroup): number {
    if (this.lastEpoch === 0) return group.lr * this.startFactor;
    if (this.lastEpoch > this.totalIters) return group.lr;
    const rise = this.endFactor - this.startFactor;
    return group.lr * (1 + rise / (this.totalIters * this.startFactor + (this.lastEpoch - 1) * rise));
  }

  protected override firstLr(_group: ScheduledGroup, index: number): number {
    return this.baseLrs[index] * this.startFactor;
  }
}
