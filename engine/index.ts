// `wgrad`: the engine in a browser.
export * from './common.ts';
export { type CreateDeviceOptions, createDevice } from './createDevice.ts';
