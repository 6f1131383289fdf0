// Gives this Node process the globals a browser would have, so that browser libraries find WebGPU, and watches
// every device they create: Dawn reports a refused submit as an uncaptured error, which nobody else would see.
import { create, globals } from 'webgpu';

export interface DawnWatch {
  /** `description (driver's names)` of the adapter of the last device made; empty before the first. */
  adapter: string;
  /** The messages of all uncaptured errors so far. */
  gpuErrors: string[];
}

/** Installs `navigator.gpu`, `navigator.userAgent` and the GPU classes; the parent's environment chose the adapter. */
export function installDawn(): DawnWatch {
  const watch: DawnWatch = { adapter: '', gpuErrors: [] };
  const gpu = create([]);
  Object.assign(globalThis, globals);
  // Node 20 has no navigator, later versions have one that is read-only
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: `Node.js ${process.version}` },
    configurable: true,
  });

  // The class, not one object, is patched: a contender may well create its own GPU.
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    watch.adapter = describe(this.info);
    device.addEventListener('uncapturederror', (event) => watch.gpuErrors.push(event.error.message));
    return device;
  };
  return watch;
}

function describe({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return `${device} (${[vendor, architecture, description].filter(Boolean).join(', ')})`;
}
