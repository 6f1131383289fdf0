// Schedulers one after another.
import { ShapeError } from '../../../kernels/errors.ts';
import { check, checkState, isCount } from './checks.ts';
import { LRScheduler, type ScheduledOptimizer, type Scheduler, type SchedulerState } from './scheduler.ts';

/**
 * Runs `schedulers` one after the other: scheduler i+1 takes over at `milestones[i]`, beginning at its epoch 0.
 * Warm-up: `new SequentialLR(optimizer, { schedulers: [new LinearLR(…), new CosineAnnealingLR(…)], milestones: [5] })`.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 * @param options `schedulers`, freshly made for this optimizer (not ReduceLROnPlateau); `milestones`, one fewer
 */
export class SequentialLR implements Scheduler {
  readonly type = 'SequentialLR';
  readonly optimizer: ScheduledOptimizer;
  lastEpoch = 0;
  private readonly schedulers: LRScheduler[];
  private readonly milestones: number[];

  constructor(
    optimizer: ScheduledOptimizer,
    { schedulers, milestones }: { schedulers: LRScheduler[]; milestones: number[] },
  ) {
    const ours = schedulers.every((scheduler) => scheduler instanceof LRScheduler && scheduler.optimizer === optimizer);
    if (!ours) throw new ShapeError('SequentialLR: schedulers must be chainable ones of the optimizer passed in');
    if (schedulers.length === 0 || milestones.length !== schedulers.length - 1) {
      throw new ShapeError(
        `SequentialLR: ${schedulers.length} schedulers need ${Math.max(0, schedulers.length - 1)} milestones, got ${milestones.length}`,
      );
    }
    const rising = milestones.every((milestone, i) => isCount(milestone) && milestone > (milestones[i - 1] ?? 0));
    check('SequentialLR', 'milestones', milestones, rising, 'increasing positive integers');
    this.optimizer = optimizer;
    this.schedulers = [...schedulers];
    this.milestones = [...milestones];
    // the constructors of all schedulers have taken their first step on the same groups: undo that
    for (const group of optimizer.paramGroups) group.lr = group.initialLr!;
    for (const scheduler of schedulers) scheduler.lastEpoch--;
    schedulers[0].step();
  }

  step(): void {
    this.lastEpoch++;
    const active = this.activeIndex();
    if (active > 0 && this.milestones[active - 1] === this.lastEpoch) this.schedulers[active].begin();
    else this.schedulers[active].step();
  }

  getLastLr(): number[] {
    return this.schedulers[this.activeIndex()].getLastLr();
  }

  stateDict(): SchedulerState {
    const schedulers = this.schedulers.map((scheduler) => scheduler.stateDict());
    return { type: this.type, lastEpoch: this.lastEpoch, lastLr: this.getLastLr(), schedulers };
  }

  loadStateDict(state: SchedulerState): void {
    checkState(this.type, state, this.optimizer);
    const states = state.schedulers ?? [];
    check('SequentialLR', 'schedulers', states.length, states.length === this.schedulers.length, 'one state each');
    this.lastEpoch = state.lastEpoch;
    // each writes its rates into the groups, so the active one comes last
    const active = this.activeIndex();
    this.schedulers.forEach((scheduler, index) => {
      if (index !== active) scheduler.loadStateDict(states[index]);
    });
    this.schedulers[active].loadStateDict(states[active]);
  }

  private activeIndex(): number {
    return this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
  }
}
