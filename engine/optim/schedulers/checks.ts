// Checks of options and states, with one wording.
import { ShapeError } from '../../../kernels/errors.ts';
import type { ScheduledOptimizer, SchedulerState } from './scheduler.ts';

export function perGroup(
  where: string,
  name: string,
  value: number | number[],
  optimizer: ScheduledOptimizer,
): number[] {
  if (Array.isArray(value)) return checkNumbers(where, name, value, optimizer);
  check(where, name, value, Number.isFinite(value), 'a finite number or one per parameter group');
  return optimizer.paramGroups.map(() => value);
}

export function checkState(where: string, state: SchedulerState, optimizer: ScheduledOptimizer): void {
  check(where, 'type', state.type, state.type === where, `'${where}', the state of such a scheduler`);
  check(where, 'lastEpoch', state.lastEpoch, Number.isInteger(state.lastEpoch) && state.lastEpoch >= -1, 'an integer');
  checkNumbers(where, 'lastLr', state.lastLr, optimizer);
}

export function checkNumbers(where: string, name: string, value: unknown, optimizer: ScheduledOptimizer): number[] {
  const count = optimizer.paramGroups.length;
  const fits = Array.isArray(value) && value.length === count && value.every(Number.isFinite);
  check(where, name, value, fits, `${count} finite numbers, one per parameter group`);
  return [...(value as number[])];
}

export function check(where: string, name: string, value: unknown, ok: boolean, expected: string): void {
  if (!ok) throw new ShapeError(`${where}: ${name} must be ${expected}, got ${show(value)}`);
}

export function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'undefined');
}

export function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

export function isNonNegativeInteger(value: number): boolean {
  return Number.isInteger(value) && value >= 0;
}
