// Which adapter a rank takes among those of its machine.
import type { FoundAdapter } from '../../../engine/node/adapters.ts';

/**
 * GPUs in turn, as long as there are several of different names: Dawn cannot tell equal ones apart.
 * @param adapters of this machine, in the drivers' order
 * @param localRank among the ranks on this machine, from 0
 * @returns what `createDevice({ adapter })` takes; undefined: the best one, for all ranks
 */
export function adapterOfRank(
  adapters: readonly Pick<FoundAdapter, 'kind' | 'info'>[],
  localRank: number,
): string | undefined {
  const gpus = adapters.filter(({ kind }) => kind === 'gpu');
  return gpus.length > 1 ? gpus[localRank % gpus.length]!.info.device : undefined;
}
