// wgrad/models/node: published weights on this machine.
export type { DownloadProgress } from './download.ts';
export { FetchError } from './fetchError.ts';
export { type FetchWeightsOptions, fetchWeights, weightsFolder } from './fetchWeights.ts';
