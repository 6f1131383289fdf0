// A training run on the host: everything from which it goes on to the same bytes, on this device or on another after
// this one was lost.
import type { Device } from '../engine/device.ts';
import type { StateDict } from '../engine/hostTensor.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import type { GradScaler, GradScalerState, OptimizerState, Scheduler, SchedulerState } from '../engine/optim/index.ts';
import { ShapeError } from '../kernels/errors.ts';
import type { Progress } from './progress.ts';

/** What is kept and restored together. */
export interface SnapshotParts {
  model: AnyModule;
  device: Device;
  optimizer: MovableOptimizer;
  scheduler?: Scheduler | undefined;
  scaler?: GradScaler | undefined;
}

/** What a snapshot needs of an optimizer; all of ours have it. */
export interface MovableOptimizer {
  stateDict(): Promise<OptimizerState<{ lr: number }>>;
  loadStateDict(state: OptimizerState<{ lr: number }>): void;
  /** Takes the parameters over once more, where they are now. */
  rebuild(): void;
}

export interface Snapshot {
  readonly progress: Progress;
  readonly model: StateDict;
  readonly optimizer: OptimizerState<{ lr: number }>;
  readonly scheduler: SchedulerState | undefined;
  readonly scaler: GradScalerState | undefined;
  readonly random: { readonly seed: number; readonly counter: number };
}

/** Reads all to the host, between two steps. Waits for the GPU. @throws DeviceLostError */
export async function takeSnapshot(
  { model, device, optimizer, scheduler, scaler }: SnapshotParts,
  progress: Progress,
): Promise<Snapshot> {
  const { seed, counter } = device.random;
  return {
    progress: structuredClone(progress),
    model: await model.stateDict(),
    optimizer: await optimizer.stateDict(),
    scheduler: structuredClone(scheduler?.stateDict()),
    scaler: scaler?.stateDict(),
    random: { seed, counter },
  };
}

/**
 * Puts model, optimizer, scheduler, scaler and the device's random state where the snapshot was taken. Where `device` is
 * not the one that the model lives on, model and optimizer move to it; their memory on the old one is given up, which may
 * be lost. What was made from the parameters before (captured steps, views) cannot be used any more.
 * @param parts those that the snapshot was taken of, with the device to go on with
 */
export function restoreSnapshot(snapshot: Snapshot, parts: SnapshotParts): void {
  const { model, device, optimizer, scheduler, scaler } = parts;
  const [parameter] = model.parameters();
  if (!parameter) throw new ShapeError('restoreSnapshot: the model has no parameters');
  const isMoving = !parameter.isPlaced || parameter.device !== device;
  if (isMoving) model.displace();
  model.loadStateDict(snapshot.model);
  if (isMoving) {
    model.to(device);
    optimizer.rebuild();
  }
  optimizer.loadStateDict(snapshot.optimizer);
  if (snapshot.scheduler) scheduler?.loadStateDict(snapshot.scheduler);
  if (snapshot.scaler) scaler?.loadStateDict(snapshot.scaler);
  Object.assign(device.random, snapshot.random);
}
