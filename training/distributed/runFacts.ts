// What decides the steps of a run, for the ranks to compare.
import type { Progress } from '../progress.ts';
import type { TrainOptions } from '../trainOptions.ts';
import type { Facts } from './identity.ts';

export function runFacts(
  { epochs, batchSize, accumulate, seed, limit, nonFinite, saveEvery, optimizer, scheduler, scaler }: TrainOptions,
  { epoch, batch, step }: Progress,
): Facts {
  return {
    configuration: JSON.stringify({ epochs, batchSize, accumulate, seed, limit, nonFinite, saveEvery }),
    optimizer: JSON.stringify(
      optimizer.paramGroups.map(({ params, ...options }) => ({ ...options, count: params.length })),
    ),
    schedule: JSON.stringify({ scheduler: scheduler?.stateDict(), scaler: scaler?.stateDict() }),
    'place to go on from': JSON.stringify({ epoch, batch, step }),
  };
}
