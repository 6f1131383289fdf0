// What `wgrad` and `wgrad/node` have in common: devices, tensors, operations, autograd.
export * from '../kernels/errors.ts';
export * from './anomaly/index.ts';
export { apply } from './apply.ts';
export type { BackwardOptions } from './autograd.ts';
export * from './capture/index.ts';
export { defineElementwise, type Elementwise, type Expression } from './defineElementwise.ts';
export { defineOperation } from './defineOperation.ts';
export { Device, type DeviceOptions, type MemoryReport } from './device.ts';
export * from './functional/index.ts';
export { gradCheck } from './gradCheck.ts';
export * from './profile/index.ts';
export * from './serialization/index.ts';
export { type GradientHook, type NestedArray, Tensor } from './tensor.ts';
export * from './tune/index.ts';
