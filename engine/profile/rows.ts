// A profile's dispatches added up: a row for each layer, or for each kernel, forward and backward apart.
import { median, type Profile } from './profile.ts';
import type { Phase, ProfiledDispatch } from './profiler.ts';
import { leastTime, type Roof } from './roof.ts';

export interface ProfileRow {
  readonly phase: Phase;
  /** In rows of layers; null: outside the model. */
  readonly layer?: string | null;
  /** In rows of kernels. */
  readonly operation?: string;
  readonly kernel?: string;
  /** Median over the steps, like all that follows. */
  readonly milliseconds: number;
  /** Of all dispatches' time, 0 … 1. */
  readonly share: number;
  readonly dispatches: number;
  readonly flop: number;
  readonly bytes: number;
  /** Memory in use while it ran, at most. */
  readonly peakBytes: number;
  /** The time that the measured roof allows, as a share of the time taken. */
  readonly ofRoof: number;
  /** Which side of the roof is over it. */
  readonly bound: 'memory' | 'compute';
}

/** The sums of all rows. */
export type ProfileTotals = Pick<ProfileRow, 'milliseconds' | 'dispatches' | 'flop' | 'bytes' | 'peakBytes'>;

/** In the order in which the layers first ran, forward before backward before the optimizer. */
export function layerRows(profile: Profile, roof: Roof): ProfileRow[] {
  const rows = rowsOf(profile, roof, ({ layer }) => ({ layer }));
  const order: Phase[] = ['forward', 'backward', 'optimizer'];
  return order.flatMap((phase) => rows.filter((row) => row.phase === phase));
}

/** The longest first. */
export function kernelRows(profile: Profile, roof: Roof): ProfileRow[] {
  return rowsOf(profile, roof, ({ operation, kernel }) => ({ operation, kernel })).sort(
    (a, b) => b.milliseconds - a.milliseconds,
  );
}

/** The sums over rows of layers or of kernels; of memory the largest. */
export function totalsOf(rows: readonly ProfileRow[]): ProfileTotals {
  const sum = (of: (row: ProfileRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    milliseconds: sum((row) => row.milliseconds),
    dispatches: sum((row) => row.dispatches),
    flop: sum((row) => row.flop),
    bytes: sum((row) => row.bytes),
    peakBytes: Math.max(0, ...rows.map((row) => row.peakBytes)),
  };
}

function rowsOf(
  { dispatches, steps }: Profile,
  roof: Roof,
  nameOf: (dispatch: ProfiledDispatch) => Pick<ProfileRow, 'layer' | 'operation' | 'kernel'>,
): ProfileRow[] {
  const groups = new Map<string, ProfiledDispatch[]>();
  for (const dispatch of dispatches) {
    const key = JSON.stringify([dispatch.phase, nameOf(dispatch)]);
    const group = groups.get(key);
    if (group) group.push(dispatch);
    else groups.set(key, [dispatch]);
  }
  const rows = [...groups.values()].map((group) => {
    const perStep = (of: (dispatch: ProfiledDispatch) => number) => medianOfSteps(group, steps, of);
    const milliseconds = perStep(({ duration }) => duration) / 1e6;
    const [flop, bytes] = [perStep((dispatch) => dispatch.flop), perStep((dispatch) => dispatch.bytes)];
    const least = perStep((dispatch) => leastTime(dispatch, roof)) / 1e6;
    return {
      phase: group[0].phase,
      ...nameOf(group[0]),
      milliseconds,
      dispatches: perStep(() => 1),
      flop,
      bytes,
      peakBytes: Math.max(...group.map(({ liveBytes }) => liveBytes)),
      ofRoof: milliseconds > 0 ? least / milliseconds : 0,
      bound: bytes / roof.bytesPerSecond >= flop / roof.flopPerSecond ? ('memory' as const) : ('compute' as const),
    };
  });
  const all = rows.reduce((sum, row) => sum + row.milliseconds, 0);
  return rows.map((row) => ({ ...row, share: all > 0 ? row.milliseconds / all : 0 }));
}

/** Of what a step's dispatches add up to. */
function medianOfSteps(
  group: readonly ProfiledDispatch[],
  steps: number,
  of: (dispatch: ProfiledDispatch) => number,
): number {
  const sums = new Array<number>(steps).fill(0);
  for (const dispatch of group) sums[dispatch.step] += of(dispatch);
  return median(sums);
}
