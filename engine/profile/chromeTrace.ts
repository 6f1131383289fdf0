// A profile as a file for chrome://tracing and https://ui.perfetto.dev: steps, layers and kernels on three tracks.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (Trace Event Format)
import type { Profile } from './profile.ts';
import type { ProfiledDispatch } from './profiler.ts';

export interface TraceEvent {
  readonly name: string;
  /** `X`: has a beginning and a duration; `M`: names a track; `C`: a value over time. */
  readonly ph: 'X' | 'M' | 'C';
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string>>;
  readonly traceEvents: readonly TraceEvent[];
}

const PROCESS = 1;
const TRACKS = { steps: 1, layers: 2, kernels: 3 };

/** JSON for the file. Consecutive dispatches of one layer make one span of its track. */
export function chromeTrace({ adapter, clock, dispatches }: Profile): ChromeTrace {
  const names = [
    { name: 'process_name', ph: 'M' as const, pid: PROCESS, tid: 0, args: { name: adapter } },
    ...Object.entries(TRACKS).map(([name, tid]) => ({
      ...{ name: 'thread_name', ph: 'M' as const, pid: PROCESS, tid },
      args: { name },
    })),
  ];
  return {
    displayTimeUnit: 'ms',
    otherData: { adapter, clock },
    traceEvents: [
      ...names,
      ...consecutive(dispatches, ({ step }) => `${step}`).map((run) =>
        spanOf(run, { name: `step ${run[0].step}`, cat: 'step', tid: TRACKS.steps }),
      ),
      ...consecutive(dispatches, ({ step, phase, layer }) => JSON.stringify([step, phase, layer])).map((run) =>
        spanOf(run, { name: layerName(run[0]), cat: run[0].phase, tid: TRACKS.layers }),
      ),
      ...dispatches.map(kernelEvent),
      ...dispatches.map(memoryEvent),
    ],
  };
}

/** @internal As tables and tracks call a layer. */
export function layerName({ layer, phase }: Pick<ProfiledDispatch, 'layer' | 'phase'>): string {
  if (layer === null) return phase === 'optimizer' ? '(the optimizer)' : '(outside the model)';
  return layer || '(the model itself)';
}

/** Cut wherever the key changes. */
function consecutive(
  dispatches: readonly ProfiledDispatch[],
  keyOf: (dispatch: ProfiledDispatch) => string,
): ProfiledDispatch[][] {
  const runs: ProfiledDispatch[][] = [];
  for (const dispatch of dispatches) {
    const last = runs.at(-1);
    if (last && keyOf(last[0]) === keyOf(dispatch)) last.push(dispatch);
    else runs.push([dispatch]);
  }
  return runs;
}

function spanOf(run: readonly ProfiledDispatch[], event: Pick<TraceEvent, 'name' | 'cat' | 'tid'>): TraceEvent {
  const [{ start }] = run;
  const end = run.reduce((latest, dispatch) => Math.max(latest, dispatch.start + dispatch.duration), start);
  return { ...event, ph: 'X', pid: PROCESS, ts: start / 1e3, dur: (end - start) / 1e3 };
}

function kernelEvent({ kernel, phase, start, duration, ...dispatch }: ProfiledDispatch): TraceEvent {
  const { operation, layer, workgroups, flop, bytes } = dispatch;
  return {
    ...{ name: kernel, cat: phase, ph: 'X', pid: PROCESS, tid: TRACKS.kernels, ts: start / 1e3, dur: duration / 1e3 },
    args: { operation, layer: layerName({ layer, phase }), workgroups: workgroups.join(' x '), flop, bytes },
  };
}

function memoryEvent({ start, liveBytes }: ProfiledDispatch): TraceEvent {
  return { name: 'bytes in use', ph: 'C', pid: PROCESS, tid: 0, ts: start / 1e3, args: { bytes: liveBytes } };
}
