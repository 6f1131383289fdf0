// Compiles what a step will run before it runs; see `Device.warmUp`.
import { NOTHING } from '../../kernels/definition.ts';
import type { Device } from '../device.ts';
import type { BufferRange, Pipeline } from '../pipelines.ts';
import { rehearse } from './capture.ts';

/** See `Device.warmUp`. @returns how many pipelines were made ready */
export async function warmUp(device: Device, fn: () => unknown): Promise<number> {
  const { pipelines, capabilities } = device;
  // drivers of GPUs compile where a pipeline is made: all of them at once, on the driver's threads
  const met = await pipelines.inParallel(() => rehearse(device, fn));
  const cold = [...met].filter((pipeline) => pipelines.isCold(pipeline));
  if (capabilities.kind === 'gpu') return cold.length;
  // software adapters compile at the first dispatch, on the one thread of their queue; what another device of the same
  // driver has compiled they find in its cache on disk
  const helper = cold.length > 1 ? await device.makeHelper?.() : undefined;
  try {
    const waiting = [...cold];
    const compileSome = async (on: Device) => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await dispatchNothing(on, next);
    };
    await Promise.all([device, ...(helper ? [helper] : [])].map(compileSome));
    // those of the helper, from the cache
    if (helper) for (const pipeline of cold) if (pipelines.isCold(pipeline)) await dispatchNothing(device, pipeline);
  } finally {
    helper?.destroy();
  }
  return cold.length;
}

/** No workgroup runs, but the driver has compiled the pipeline when the queue is empty again. */
async function dispatchNothing(device: Device, { source: { shader, constants, halves } }: Pipeline): Promise<void> {
  const pipeline = device.pipelines.pipeline(shader, constants, halves);
  const zeros = Object.fromEntries(pipeline.params.map(([name]) => [name, 0]));
  const made: GPUBuffer[] = [];
  const ranges: Record<string, BufferRange> = {};
  for (const { name, isUniform } of pipeline.bindings) {
    if (isUniform) continue;
    // one each: none may be read and written by the same dispatch
    const buffer = device.gpu.createBuffer({ label: NOTHING, size: 256, usage: GPUBufferUsage.STORAGE });
    made.push(buffer);
    ranges[name] = { buffer, offset: 0, size: buffer.size };
  }
  device.recorder.dispatch(pipeline, ranges, zeros, [0], () => `${shader.label} (warm-up)`);
  await device.idle();
  for (const buffer of made) {
    device.pipelines.forget(buffer);
    buffer.destroy();
  }
}
