// Stands in for engine/node/createDevice.ts in suites that run in a browser: the device is the browser's.
import { type CreateDeviceOptions, createDevice as createBrowserDevice } from '../../../engine/createDevice.ts';
import type { Device } from '../../../engine/device.ts';
import { AdapterError } from '../../../kernels/errors.ts';

/** @throws AdapterError when a suite asks for an adapter by name: a browser has its own */
export async function createDevice({
  adapter,
  ...options
}: CreateDeviceOptions & { adapter?: string } = {}): Promise<Device> {
  if (adapter) throw new AdapterError(`createDevice: a browser cannot be asked for the adapter "${adapter}"`);
  return createBrowserDevice(options);
}
