// Gives this Node process the globals a browser would have, so that browser libraries find WebGPU, and watches
// every device they create: Dawn reports a refused submit as an uncaptured error, which nobody else would see.
import { create, globals } from 'webgpu';
import { adapterText } from './adapterText.ts';
import type { BufferCount } from './protocol.ts';

export interface DawnWatch {
  /** `description (driver's names)` of the adapter of the last device made; empty before the first. */
  adapter: string;
  /** The messages of all uncaptured errors so far. */
  readonly gpuErrors: readonly string[];
  readonly memory: BufferCount;
}

/** Installs `navigator.gpu`, `navigator.userAgent` and the GPU classes; the parent's environment chose the adapter. */
export function installDawn(): DawnWatch {
  const gpuErrors: string[] = [];
  const watch = { adapter: '', gpuErrors, memory: { buffers: 0, bytes: 0, peakBytes: 0 } };
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
    watch.adapter = adapterText(this.info);
    device.addEventListener('uncapturederror', (event) => gpuErrors.push(event.error.message));
    return device;
  };
  countBuffers(watch.memory);
  return watch;
}

function countBuffers(memory: BufferCount): void {
  const living = new WeakSet<GPUBuffer>();
  const { createBuffer } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    living.add(buffer);
    memory.buffers++;
    memory.bytes += descriptor.size;
    memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    if (living.delete(this)) {
      memory.buffers--;
      memory.bytes -= this.size;
    }
    return destroy.call(this);
  };
}
