// Times dispatches that belong to no model: roofs and candidates of the tuner.
import type { Device } from '../device.ts';
import { Profiler } from './profiler.ts';

/** Nanoseconds of each dispatch that `record` makes, in order. @throws what went wrong on the GPU */
export async function timeDispatches(device: Device, record: () => void): Promise<number[]> {
  const profiler = new Profiler(device);
  try {
    record();
  } catch (error) {
    profiler.abandon();
    throw error;
  }
  return (await profiler.stop()).map(({ duration }) => duration);
}
