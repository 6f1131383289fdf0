// Anomaly mode: who made the first NaN.
export { type AnomalyOptions, type AnomalyWatch, watchAnomalies } from './anomalyWatch.ts';
export { findNonFinite, type NonFiniteValue } from './findNonFinite.ts';
