// wgrad/models/node: published weights on this machine.
export type { DownloadProgress } from '../../datasets/node/download/download.ts';
export { FetchError } from '../../datasets/node/download/fetchError.ts';
export { type FetchWeightsOptions, fetchWeights, weightsFolder } from './fetchWeights.ts';
