// The browser's side of compareWithNode.ts: hands out what its kernels compute.
import { createDevice } from '../../../engine/createDevice.ts';
import { roomBits, trainingBits } from './results.ts';

const device = await createDevice({ seed: 0 });

Object.assign(globalThis, {
  capabilities: JSON.stringify(device.capabilities),
  roomBits: (name: string, options: { cases: number }) => roomBits(device, name, options),
  trainingBits: (options: { steps: number }) => trainingBits(device, options),
});
