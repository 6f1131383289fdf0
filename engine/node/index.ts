// `wgrad/node`: the whole of `wgrad`, with createDevice opening Dawn's adapters instead of the browser's.
export * from '../common.ts';
export { type AdapterRequest, type FoundAdapter, listAdapters, openAdapter } from './adapters.ts';
export { type CreateDeviceOptions, createDevice } from './createDevice.ts';
