// Reading and writing weights.
export type { HostTensor, StateDict } from '../hostTensor.ts';
export { type ByteSource, blobSource, bytesSource } from './byteSource.ts';
export type { CheckpointFile, StoredDType, StoredTensor } from './checkpointFile.ts';
export { type LoadWeightsOptions, loadWeights } from './loadWeights.ts';
export { type CheckpointSource, loadCheckpoint, openCheckpoint } from './openCheckpoint.ts';
export { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.ts';
export { type StreamSafetensorsOptions, streamSafetensors } from './streamSafetensors.ts';
export type { ReadableTensor, TensorsToWrite } from './tensorsToWrite.ts';
export { type WritePthOptions, writePth } from './writePth.ts';
