// Compiles what a step will run before it runs; see `Device.warmUp`.
import type { Device } from '../device.ts';
import { type BufferRange, PARAMS_BYTES, type Pipeline } from '../pipelines.ts';
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
  const { gpu, pipelines } = device;
  const pipeline = pipelines.pipeline(shader, constants, halves);
  const made: GPUBuffer[] = [];
  const bufferOf = (size: number, usage: number): BufferRange => {
    const buffer = gpu.createBuffer({ label: 'warm-up', size, usage });
    made.push(buffer);
    return { buffer, offset: 0, size };
  };
  const { STORAGE, UNIFORM, INDIRECT } = GPUBufferUsage;
  const noWorkgroups = bufferOf(12, INDIRECT); // zeros; a plain dispatch of 0 makes Dawn write a warning to stdout
  // one each: none may be read and written by the same dispatch
  const ranges = pipeline.bindings.map(({ isUniform }) => bufferOf(PARAMS_BYTES, isUniform ? UNIFORM : STORAGE));
  const what = () => `${shader.label} (warm-up)`;
  const group = pipelines.bindGroup(pipeline, ranges, what);
  device.errors.run(what, () => {
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline.gpu);
    pass.setBindGroup(0, group, pipeline.bindings.some(({ isUniform }) => isUniform) ? [0] : []);
    pass.dispatchWorkgroupsIndirect(noWorkgroups.buffer, 0);
    pass.end();
    gpu.queue.submit([encoder.finish()]);
  });
  await device.idle();
  for (const buffer of made) {
    pipelines.forget(buffer);
    buffer.destroy();
  }
}
