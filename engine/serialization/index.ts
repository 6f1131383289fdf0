// Reading and writing weights.
export type { HostTensor, StateDict } from '../hostTensor.ts';
export { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.ts';
