// Step decay at a fixed interval and at milestones.
import { check, isCount, isNonNegativeInteger } from './checks.ts';
import { LRScheduler, type ScheduledGroup, type ScheduledOptimizer } from './scheduler.ts';

/**
 * Multiplies the rate by `gamma` every `stepSize` epochs.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 * @param options `stepSize` in epochs; `gamma` = 0.1
 */
export class StepLR extends LRScheduler {
  readonly type = 'StepLR';
  private readonly stepSize: number;
  private readonly gamma: number;

  constructor(optimizer: ScheduledOptimizer, { stepSize, gamma = 0.1 }: { stepSize: number; gamma?: number }) {
    check('StepLR', 'stepSize', stepSize, isCount(stepSize), 'a positive integer');
    check('StepLR', 'gamma', gamma, Number.isFinite(gamma), 'a finite number');
    super(optimizer);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.step();
  }

  protected nextLr(group: ScheduledGroup): number {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? group.lr : group.lr * this.gamma;
  }
}

/**
 * Multiplies the rate by `gamma` at each milestone; a milestone named twice counts twice.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 * @param options `milestones` in epochs, any order; `gamma` = 0.1
 */
export class MultiStepLR extends LRScheduler {
  readonly type = 'MultiStepLR';
  private readonly milestones: number[];
  private readonly gamma: number;

  constructor(optimizer: ScheduledOptimizer, { milestones, gamma = 0.1 }: { milestones: number[]; gamma?: number }) {
    check('MultiStepLR', 'milestones', milestones, milestones.every(isNonNegativeInteger), 'integers of at least 0');
    check('MultiStepLR', 'gamma', gamma, Number.isFinite(gamma), 'a finite number');
    super(optimizer);
    this.milestones = [...milestones];
    this.gamma = gamma;
    this.step();
  }

  protected nextLr(group: ScheduledGroup): number {
    return group.lr * this.gamma ** this.passedAt(this.lastEpoch);
  }

  protected override firstLr(_group: ScheduledGroup, index: number): number {
    return this.baseLrs[index] * this.gamma ** this.passedAt(0);
  }

  private passedAt(epoch: number): number {
    return this.milestones.filter((milestone) => milestone === epoch).length;
  }
}
