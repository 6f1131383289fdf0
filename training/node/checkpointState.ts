// state.json of a checkpoint, and the check of one that was read: its numbers steer loops and allocations.
import { shown } from '../../datasets/shown.ts';
import type { GradScalerState, OptimizerState, SchedulerState } from '../../engine/optim/index.ts';
import { FormatError } from '../../kernels/errors.ts';
import type { Progress } from '../progress.ts';

export interface CheckpointState {
  format: 'wgrad checkpoint';
  version: 1;
  /** Where it was trained: bytes repeat on the same adapter only. */
  adapter: string;
  config: unknown;
  progress: Progress;
  random: { seed: number; counter: number };
  optimizer: Omit<OptimizerState<{ lr: number }>, 'tensors'>;
  scheduler: SchedulerState | null;
  /** Of runs in float16. */
  scaler?: GradScalerState;
}

/** @throws FormatError naming the file, the field, what was found and what was expected */
export function checkState(file: string, text: string): CheckpointState {
  const state = parse(file, text);
  const expect = (path: string, expected: string, fits: (value: unknown) => boolean) => {
    let value: unknown = state;
    for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
    if (!fits(value)) {
      throw new FormatError(`${file}: ${path} must be ${expected}, found ${shown(value, 'nothing')}`);
    }
    return value;
  };
  expect('format', '"wgrad checkpoint"', (value) => value === 'wgrad checkpoint');
  expect('version', '1, the only one this wgrad reads', (value) => value === 1);
  expect('adapter', 'a text', (value) => typeof value === 'string');
  for (const path of [
    ...['progress.epoch', 'progress.batch', 'progress.step', 'progress.images'],
    ...['progress.current.images', 'progress.current.right'],
    ...['random.seed', 'random.counter'],
  ]) {
    expect(path, 'an integer of at least 0', isCount);
  }
  for (const path of ['progress.seconds', 'progress.trainingSeconds', 'progress.current.seconds']) {
    expect(path, 'a number of at least 0', (value) => Number.isFinite(value) && Number(value) >= 0);
  }
  expect('progress.current.loss', 'a number or null', (value) => value === null || typeof value === 'number');
  if (expect('progress.best', 'an object or null', (value) => typeof value === 'object') !== null) {
    expect('progress.best.epoch', 'an integer of at least 0', isCount);
    expect(
      'progress.best.testAccuracy',
      'a fraction',
      (value) => typeof value === 'number' && value >= 0 && value <= 1,
    );
  }
  expect('optimizer.type', 'a text', (value) => typeof value === 'string');
  expect('optimizer.steps', 'a list of counts', (value) => Array.isArray(value) && value.every(isCount));
  expect('optimizer.paramGroups', 'a list of groups with params and lr', isGroups);
  expect('scheduler', 'an object or null', (value) => typeof value === 'object');
  expect('scaler', 'an object, or left out', (value) => value === undefined || isObject(value));
  const checked = state as CheckpointState;
  // JSON has no NaN: the loss of a diverged run is written as null
  checked.progress.current.loss ??= Number.NaN;
  return checked;
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${file}: expected JSON: ${(error as Error).message}`);
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isGroups(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((group) => Array.isArray(group?.params) && group.params.every(isCount) && Number.isFinite(group.lr))
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
