// What all schedulers share: the interface, the base class of those that follow the epoch.
import { checkNumbers, checkState } from './checks.ts';

/** What a scheduler needs of an optimizer: parameter groups whose numbers it may rewrite between steps. */
export interface ScheduledOptimizer {
  paramGroups: ScheduledGroup[];
}

export interface ScheduledGroup {
  lr: number;
  /** Set by the first scheduler: the rate from which schedules are computed. */
  initialLr?: number;
  momentum?: number;
  betas?: [number, number];
}

/** A scheduler's progress, plain JSON. Options are not in it: construct with the same options, then load. */
export interface SchedulerState {
  type: string;
  lastEpoch: number;
  lastLr: number[];
  baseLrs?: number[];
  /** OneCycleLR */
  lastMomentum?: number[];
  /** ReduceLROnPlateau; `best` is null before the first metric. */
  best?: number | null;
  badEpochs?: number;
  cooldownLeft?: number;
  /** SequentialLR */
  schedulers?: SchedulerState[];
}

/** What every scheduler offers. Call `step()` after `optimizer.step()`, once per batch or per epoch as you chose. */
export interface Scheduler {
  step(metric?: number): void;
  /** The learning rate of each parameter group, as last set. */
  getLastLr(): number[];
  stateDict(): SchedulerState;
  /** Continues where `stateDict` was taken and writes the learning rates back into the groups. Throws ShapeError. */
  loadStateDict(state: SchedulerState): void;
}

/** Base of the schedulers that can be chained by SequentialLR. Subclasses give the formula. */
export abstract class LRScheduler implements Scheduler {
  /** The class's name, kept in its states (`constructor.name` would not survive a minifier). */
  abstract readonly type: string;
  readonly optimizer: ScheduledOptimizer;
  /** Number of `step()` calls so far; PyTorch's `last_epoch`. */
  lastEpoch = -1;
  protected baseLrs: number[];

  constructor(optimizer: ScheduledOptimizer) {
    this.optimizer = optimizer;
    for (const group of optimizer.paramGroups) group.initialLr ??= group.lr;
    this.baseLrs = optimizer.paramGroups.map((group) => group.initialLr!);
  }

  step(): void {
    this.lastEpoch++;
    this.setLrs((group, index) => this.nextLr(group, index));
  }

  /** Starts over at epoch 0 from the initial rates; what SequentialLR does when this scheduler's turn comes. */
  begin(): void {
    this.lastEpoch = 0;
    this.setLrs((group, index) => this.firstLr(group, index));
  }

  getLastLr(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  stateDict(): SchedulerState {
    const { lastEpoch, baseLrs } = this;
    return { type: this.type, lastEpoch, lastLr: this.getLastLr(), baseLrs: [...baseLrs] };
  }

  loadStateDict(state: SchedulerState): void {
    checkState(this.type, state, this.optimizer);
    this.baseLrs = checkNumbers(this.type, 'baseLrs', state.baseLrs, this.optimizer);
    this.lastEpoch = state.lastEpoch;
    this.optimizer.paramGroups.forEach((group, index) => {
      group.initialLr = this.baseLrs[index];
      group.lr = state.lastLr[index];
    });
  }

  /** The rate at `lastEpoch`, from the group's rate one epoch earlier. */
  protected abstract nextLr(group: ScheduledGroup, index: number): number;

  /** The rate at epoch 0 whatever the group's rate is now. */
  protected firstLr(_group: ScheduledGroup, index: number): number {
    return this.baseLrs[index];
  }

  private setLrs(formula: (group: ScheduledGroup, index: number) => number): void {
    this.optimizer.paramGroups.forEach((group, index) => {
      group.lr = formula(group, index);
    });
  }
}
