// `wgrad/node`: the whole of `wgrad`, with createDevice opening Dawn's adapters instead of the browser's.
export * from '../common.ts';
export { type AdapterRequest, type FoundAdapter, listAdapters, openAdapter } from './adapters.ts';
export { loadCheckpoint, openCheckpoint } from './checkpoint.ts';
export { type CreateDeviceOptions, createDevice } from './createDevice.ts';
export { type FileSource, openFile } from './fileSource.ts';
export { type OpenAgainOptions, openAgain } from './openAgain.ts';
export { readTuning, tuningPath, writeTuning } from './tuningFile.ts';
export { type WritableFormat, type WriteCheckpointOptions, writeCheckpoint } from './writeCheckpoint.ts';
