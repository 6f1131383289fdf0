// Anomaly mode: who made the first NaN.
export type { AnomalyOptions, AnomalyWatch } from './anomalyWatch.ts';
export { findNonFinite, type NonFiniteValue } from './findNonFinite.ts';
