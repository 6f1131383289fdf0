// `wgrad/kernels`: what a user needs to write an operation of their own, and the registry of ours.
export * from './definition.ts';
export * from './errors.ts';
export { type HalfForm, withHalfStorage } from './halfStorage.ts';
export { at, map, type NdArray, type NdArrays, ndarray, zeros } from './ndarray.ts';
export type { Case, Cases, Draw, Fill, Reference } from './reference.ts';
export { type Room, registry } from './registry.ts';
export { type Binding, link, type ParamsOf, parseShader, type Scalar, type Shader } from './shader.ts';
