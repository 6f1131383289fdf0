// Which workloads a command line asks for.
import { WgradError } from '../../kernels/errors.ts';
import { modelWorkloads, stepWorkloads } from './modelWorkloads.ts';
import { opsWorkloads } from './opsWorkloads.ts';
import type { Workload } from './workload.ts';

export const suiteNames = ['ops', 'models', 'memory', 'all'] as const;
export type SuiteName = (typeof suiteNames)[number];

export interface ChosenWorkloads {
  readonly timed: readonly Workload[];
  readonly memory: readonly Workload[];
}

/**
 * @param only parts of ids, separated by commas; default: all
 * @throws WgradError naming the ids there are, when a part fits none
 */
export function chooseWorkloads(
  suite: SuiteName,
  { isQuick = false, only }: { isQuick?: boolean; only?: string } = {},
): ChosenWorkloads {
  const has = (name: SuiteName) => suite === name || suite === 'all';
  const timed = [...(has('ops') ? opsWorkloads(isQuick) : []), ...(has('models') ? modelWorkloads(isQuick) : [])];
  const memory = has('memory') ? stepWorkloads(isQuick) : [];
  if (only === undefined) return { timed, memory };

  const parts = only.split(',').map((part) => part.trim());
  const ids = [...new Set([...timed, ...memory].map(({ id }) => id))];
  const stranger = parts.find((part) => part === '' || !ids.some((id) => id.includes(part)));
  if (stranger !== undefined)
    throw new WgradError(`--only: ${JSON.stringify(stranger)} is part of none of ${ids.join(', ')}`);
  const isChosen = ({ id }: Workload) => parts.some((part) => id.includes(part));
  return { timed: timed.filter(isChosen), memory: memory.filter(isChosen) };
}
