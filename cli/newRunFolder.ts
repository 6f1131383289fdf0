// Where new runs go.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { holdsRun } from '../training/node/index.ts';
import { UsageError } from './usageError.ts';

/** `runs/lenet5-mnist-1`, or the next number that is free, below the current folder. Nothing is made. */
export function newRunFolder({ model, dataset }: Readonly<Record<'model' | 'dataset', string>>): string {
  for (let number = 1; ; number++) {
    const folder = join('runs', `${model}-${dataset}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

/** @throws UsageError when a folder that was named holds a run */
export function checkNewRun(out: string): void {
  if (!holdsRun(out)) return;
  throw new UsageError(`${out} holds a run already: continue it with --resume, or choose another --out`);
}
