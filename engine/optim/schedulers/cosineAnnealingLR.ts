// Cosine annealing, by PyTorch's recursive formula.
import { check, isCount } from './checks.ts';
import { LRScheduler, type ScheduledGroup, type ScheduledOptimizer } from './scheduler.ts';

/**
 * Half a cosine from the initial rate down to `etaMin` in `tMax` epochs (SGDR, Loshchilov & Hutter 2017, without
 * restarts); beyond `tMax` it rises again, as PyTorch's recursive formula does.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 * @param options `tMax` in epochs; `etaMin` = 0
 */
export class CosineAnnealingLR extends LRScheduler {
  readonly type = 'CosineAnnealingLR';
  private readonly tMax: number;
  private readonly etaMin: number;

  constructor(optimizer: ScheduledOptimizer, { tMax, etaMin = 0 }: { tMax: number; etaMin?: number }) {
    check('CosineAnnealingLR', 'tMax', tMax, isCount(tMax), 'a positive integer');
    check('CosineAnnealingLR', 'etaMin', etaMin, Number.isFinite(etaMin), 'a finite number');
    super(optimizer);
    this.tMax = tMax;
    this.etaMin = etaMin;
    this.step();
  }

  protected nextLr(group: ScheduledGroup, index: number): number {
    const { lastEpoch, tMax, etaMin } = this;
    if (lastEpoch === 0) return group.lr;
    // one epoch past each minimum the ratio below would be x / 0
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      return group.lr + ((this.baseLrs[index] - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
    }
    const ratio = (1 + Math.cos((Math.PI * lastEpoch) / tMax)) / (1 + Math.cos((Math.PI * (lastEpoch - 1)) / tMax));
    return ratio * (group.lr - etaMin) + etaMin;
  }
}
