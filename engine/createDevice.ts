// Opens a Device on a WebGPU adapter: the part that browser and Node share.
import { AdapterError } from '../kernels/errors.ts';
import { adapterKind } from './adapterKind.ts';
import { Device, type DeviceOptions } from './device.ts';
import { adapterKey, Tuner, type TuningCache, type TuningMode } from './tune/index.ts';

export interface CreateDeviceOptions extends Partial<Omit<DeviceOptions, 'kind' | 'adapterName'>> {
  /** An existing device of the host application; everything else about the adapter is then taken from it. */
  device?: GPUDevice;
  powerPreference?: GPUPowerPreference;
  /**
   * Whether kernels are chosen by measurement: `cached` uses what was measured on this adapter before; `measure` also
   * notes what was not, for `measureVariants`. Default `off`: every run makes the same choices. Another choice of
   * kernels changes results in the last bits.
   */
  tuning?: TuningMode;
  /** What was measured before, of all adapters (`parseTuning`). Default: nothing; in Node, what `tune.json` holds. */
  tuningCache?: TuningCache | undefined;
  /** Names of what else changes the code that the driver makes, so that choices are kept apart. Default: none. */
  toggles?: readonly string[];
}

/** Features that make kernels faster; asked for where the adapter has them. */
const WANTED_FEATURES = ['subgroups', 'shader-f16', 'timestamp-query'] as const;

/** Limits raised to the adapter's: everything that bounds buffers, bindings and workgroups. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
] as const;

/**
 * Opens a device in a browser (in Node use `wgrad/node`).
 * @throws AdapterError where the browser offers no WebGPU adapter
 */
export async function createDevice(options: CreateDeviceOptions = {}): Promise<Device> {
  if (options.device) return fromGpuDevice(options.device, options);
  if (!globalThis.navigator?.gpu) {
    throw new AdapterError(
      "createDevice: this browser has no WebGPU (navigator.gpu). In Node, import createDevice from 'wgrad/node'",
    );
  }
  const { powerPreference = 'high-performance' } = options;
  const adapter = await navigator.gpu.requestAdapter({ powerPreference });
  if (!adapter)
    throw new AdapterError('createDevice: the browser found no WebGPU adapter; see its GPU page (chrome://gpu)');
  return fromAdapter(adapter, options);
}

/** Opens a device on an adapter, with all wanted features it has and its limits raised. */
export async function fromAdapter(adapter: GPUAdapter, options: CreateDeviceOptions = {}): Promise<Device> {
  const gpu = await adapter.requestDevice({
    label: 'wgrad',
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
    requiredLimits: Object.fromEntries(
      RAISED_LIMITS.filter((limit) => adapter.limits[limit] !== undefined).map((limit) => [
        limit,
        adapter.limits[limit],
      ]),
    ),
  });
  return fromGpuDevice(gpu, options, adapter.info);
}

function fromGpuDevice(gpu: GPUDevice, options: CreateDeviceOptions, info = gpu.adapterInfo): Device {
  const { device: _, powerPreference: __, tuning = 'off', tuningCache, toggles, ...rest } = options;
  // Chromium leaves description and device empty
  const adapterName = info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(' ');
  const device = new Device(gpu, { ...rest, adapterName: adapterName || 'unknown adapter', kind: adapterKind(info) });
  if (tuning !== 'off') {
    const adapter = adapterKey(device, toggles);
    device.tuner = new Tuner({ mode: tuning, adapter, choices: tuningCache?.get(adapter) });
  }
  return device;
}
