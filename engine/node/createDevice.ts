// Opens a Device in Node, on Dawn.
import { totalmem } from 'node:os';
import { globals } from 'webgpu';
import {
  type CreateDeviceOptions as BrowserOptions,
  fromAdapter,
  createDevice as fromGpuDevice,
} from '../createDevice.ts';
import type { Device } from '../device.ts';
import { type AdapterRequest, openAdapter } from './adapters.ts';
import { CalmWait } from './calmWait.ts';
import { readTuning, tuningPath } from './tuningFile.ts';

export interface CreateDeviceOptions extends Omit<BrowserOptions, 'powerPreference' | 'instance'> {
  /** Part of an adapter's name, or `swiftshader`. Default: `WGRAD_ADAPTER`; else a real GPU, lavapipe, SwiftShader. */
  adapter?: string;
  /** Options for Dawn's `create`, for example `['disable-dawn-features=timestamp_quantization']`. Default: none. */
  dawnOptions?: readonly string[];
}

/** Of the host's memory that buffers of adapters on the processor may take. */
const SHARE_OF_MEMORY = 0.8;

/** Option of Dawn under which timestamps are exact instead of in steps of 100 µs; it changes no kernel. */
export const EXACT_TIMES = 'disable-dawn-features=timestamp_quantization';

/**
 * Opens a device in Node: `import { createDevice } from 'wgrad/node'`.
 * @throws AdapterError naming the adapters there are and the command that gets what is missing
 */
export async function createDevice({
  adapter: name,
  dawnOptions,
  ...options
}: CreateDeviceOptions = {}): Promise<Device> {
  Object.assign(globalThis, globals);
  if (options.tuning && options.tuning !== 'off') options.tuningCache ??= readTuning(tuningPath());
  if (options.device) return calm(await fromGpuDevice(options));
  const { gpu, adapter } = await openAdapter({ adapter: name, dawnOptions });
  const toggles = (dawnOptions ?? []).filter((option) => option !== EXACT_TIMES);
  const device = calm(await fromAdapter(adapter, { toggles, ...options, instance: gpu }));
  if (device.capabilities.kind === 'lavapipe') device.makeHelper = () => helperOf({ adapter: name, dawnOptions });
  return device;
}

async function helperOf(request: AdapterRequest): Promise<Device> {
  const { gpu, adapter } = await openAdapter(request);
  return calm(await fromAdapter(adapter, { instance: gpu }));
}

/** On adapters that compute on the thread's own cores. */
function calm(device: Device): Device {
  if (device.capabilities.kind === 'gpu') return device;
  const wait = new CalmWait();
  device.waitFor = (promise) => wait.for(promise);
  // their buffers are the machine's memory, of which the system hands out more than there is and then ends the process
  device.memoryLimit = Math.min(device.memoryLimit, Math.floor(SHARE_OF_MEMORY * hostBytes()));
  return device;
}

/** Of the machine, or of the container where that has less. */
function hostBytes(): number {
  const constrained = process.constrainedMemory(); // 0, or more than there is, where nothing constrains
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
