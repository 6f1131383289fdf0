// Where a step's time goes, and how far that is from what the adapter can do.
export { type ChromeTrace, chromeTrace, layerName, type TraceEvent } from './chromeTrace.ts';
export { type InPhase, type Profile, type ProfileOptions, profile } from './profile.ts';
export type { ClockKind, Phase, ProfiledDispatch } from './profiler.ts';
export { leastTime, measureRoof, type Roof } from './roof.ts';
export { kernelRows, layerRows, type ProfileRow, type ProfileTotals, totalsOf } from './rows.ts';
