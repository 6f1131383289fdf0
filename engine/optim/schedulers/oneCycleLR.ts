// The one-cycle policy.
import { ShapeError } from '../../../kernels/errors.ts';
import { check, checkNumbers, isCount, perGroup } from './checks.ts';
import { LRScheduler, type ScheduledGroup, type ScheduledOptimizer, type SchedulerState } from './scheduler.ts';

export interface OneCycleOptions {
  maxLr: number | number[];
  /** Either this, or `epochs` and `stepsPerEpoch`. */
  totalSteps?: number;
  epochs?: number;
  stepsPerEpoch?: number;
  pctStart?: number;
  annealStrategy?: 'cos' | 'linear';
  cycleMomentum?: boolean;
  baseMomentum?: number | number[];
  maxMomentum?: number | number[];
  divFactor?: number;
  finalDivFactor?: number;
  threePhase?: boolean;
}

interface Phase {
  endStep: number;
  lrs: [from: number[], to: number[]];
  momentums: [from: number[], to: number[]];
}

/**
 * The 1cycle policy (Smith & Topin 2018), stepped once per batch: the rate climbs from `maxLr / divFactor` to `maxLr`,
 * then falls to `maxLr / divFactor / finalDivFactor`; momentum (or Adam's beta1) moves the other way.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 * @param options defaults: `pctStart` 0.3, `annealStrategy` 'cos', `cycleMomentum` true, `baseMomentum` 0.85,
 *   `maxMomentum` 0.95, `divFactor` 25, `finalDivFactor` 1e4, `threePhase` false; lists hold one number per group
 * @throws ShapeError for bad options, and for more than `totalSteps` calls of `step()`
 */
export class OneCycleLR extends LRScheduler {
  readonly type = 'OneCycleLR';
  private readonly totalSteps: number;
  private readonly phases: Phase[];
  private readonly anneal: (from: number, to: number, fraction: number) => number;
  private readonly cycleMomentum: boolean;

  constructor(
    optimizer: ScheduledOptimizer,
    {
      maxLr,
      epochs = Number.NaN,
      stepsPerEpoch = Number.NaN,
      totalSteps = epochs * stepsPerEpoch,
      pctStart = 0.3,
      annealStrategy = 'cos',
      cycleMomentum = true,
      baseMomentum = 0.85,
      maxMomentum = 0.95,
      divFactor = 25,
      finalDivFactor = 1e4,
      threePhase = false,
    }: OneCycleOptions,
  ) {
    const where = 'OneCycleLR';
    check(where, 'totalSteps', totalSteps, isCount(totalSteps), 'a positive integer, or epochs and stepsPerEpoch');
    check(where, 'pctStart', pctStart, pctStart >= 0 && pctStart <= 1, 'between 0 and 1');
    check(where, 'annealStrategy', annealStrategy, ['cos', 'linear'].includes(annealStrategy), "'cos' or 'linear'");
    check(where, 'divFactor', divFactor, divFactor > 0, 'above 0');
    check(where, 'finalDivFactor', finalDivFactor, finalDivFactor > 0, 'above 0');
    if (cycleMomentum && !optimizer.paramGroups.every((group) => group.betas || group.momentum !== undefined)) {
      throw new ShapeError('OneCycleLR: the optimizer has neither momentum nor betas; pass cycleMomentum: false');
    }
    const top = perGroup(where, 'maxLr', maxLr, optimizer);
    const initial = top.map((lr) => lr / divFactor);
    const final = initial.map((lr) => lr / finalDivFactor);
    const low = perGroup(where, 'baseMomentum', baseMomentum, optimizer);
    const high = perGroup(where, 'maxMomentum', maxMomentum, optimizer);
    optimizer.paramGroups.forEach((group, index) => {
      group.initialLr = initial[index];
    });
    super(optimizer);
    this.totalSteps = totalSteps;
    this.cycleMomentum = cycleMomentum;
    this.anneal = annealStrategy === 'cos' ? annealCosine : annealLinear;
    const rise: Phase = { endStep: pctStart * totalSteps - 1, lrs: [initial, top], momentums: [high, low] };
    this.phases = threePhase
      ? [
          rise,
          { endStep: 2 * pctStart * totalSteps - 2, lrs: [top, initial], momentums: [low, high] },
          { endStep: totalSteps - 1, lrs: [initial, final], momentums: [high, high] },
        ]
      : [rise, { endStep: totalSteps - 1, lrs: [top, final], momentums: [low, high] }];
    this.step();
  }

  override step(): void {
    // totalSteps itself is let through, one more than documented: as PyTorch
    if (this.lastEpoch >= this.totalSteps) {
      throw new ShapeError(
        `OneCycleLR: step() was called ${this.lastEpoch + 1} times but the schedule has totalSteps = ${this.totalSteps}`,
      );
    }
    super.step();
  }

  override stateDict(): SchedulerState {
    return { ...super.stateDict(), lastMomentum: this.cycleMomentum ? this.momentums() : undefined };
  }

  override loadStateDict(state: SchedulerState): void {
    const momentums = this.cycleMomentum
      ? checkNumbers('OneCycleLR', 'lastMomentum', state.lastMomentum, this.optimizer)
      : [];
    super.loadStateDict(state);
    momentums.forEach((momentum, index) => {
      setMomentum(this.optimizer.paramGroups[index], momentum);
    });
  }

  protected nextLr(group: ScheduledGroup, index: number): number {
    const reached = this.phases.findIndex((phase) => this.lastEpoch <= phase.endStep);
    const current = reached < 0 ? this.phases.length - 1 : reached;
    const { endStep, lrs, momentums } = this.phases[current];
    const startStep = current === 0 ? 0 : this.phases[current - 1].endStep;
    // a phase without length is over at once (PyTorch divides by zero)
    const fraction = endStep === startStep ? 1 : (this.lastEpoch - startStep) / (endStep - startStep);
    if (this.cycleMomentum) setMomentum(group, this.anneal(momentums[0][index], momentums[1][index], fraction));
    return this.anneal(lrs[0][index], lrs[1][index], fraction);
  }

  protected override firstLr(group: ScheduledGroup, index: number): number {
    return this.nextLr(group, index);
  }

  private momentums(): number[] {
    return this.optimizer.paramGroups.map((group) => group.betas?.[0] ?? group.momentum!);
  }
}

function annealCosine(from: number, to: number, fraction: number): number {
  return to + ((from - to) / 2) * (Math.cos(Math.PI * fraction) + 1);
}

function annealLinear(from: number, to: number, fraction: number): number {
  return (to - from) * fraction + from;
}

function setMomentum(group: ScheduledGroup, momentum: number): void {
  if (group.betas) group.betas = [momentum, group.betas[1]];
  else group.momentum = momentum;
}
