// The tuner: kernels chosen by measurement.
export { type Measured, type MeasureOptions, measureVariants } from './measureVariants.ts';
export { type PendingProblem, type TunedChoice, type TunedChoices, Tuner, type TuningMode } from './tuner.ts';
export { formatTuning, parseTuning, type TuningCache } from './tuningCache.ts';
export { adapterKey } from './tuningKey.ts';
