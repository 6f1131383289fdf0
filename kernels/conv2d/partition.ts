// How the weight gradient splits its reduction over pixels: enough parts to fill the machine, in a fixed order.
import type { Capabilities } from '../definition.ts';

/** Workgroups that keep a device busy: a few per core of a CPU adapter, several per multiprocessor of a GPU. */
const ENOUGH_WORKGROUPS = { lavapipe: 32, swiftshader: 32, gpu: 1024 };
/** Pixels below which another part costs more than it gains. */
const LEAST_PIXELS = 256;

/**
 * @param workgroups that one part alone would launch
 * @returns equal units of whole images (tensors over the binding limit are cut between them), and parts of each
 */
export function partition(
  { kind, bindingLimit }: Capabilities,
  { images, pixels, workgroups, bytes = 0 }: { images: number; pixels: number; workgroups: number; bytes?: number },
): { units: number; partsPerUnit: number } {
  const most = Math.max(1, Math.floor((images * pixels) / LEAST_PIXELS));
  const parts = Math.min(most, Math.max(1, Math.ceil(ENOUGH_WORKGROUPS[kind] / workgroups)));
  const units = bytes > bindingLimit ? images : largestDivisor(images, parts);
  return { units, partsPerUnit: Math.max(1, Math.ceil(parts / units)) };
}

function largestDivisor(value: number, most: number): number {
  for (let divisor = Math.min(value, most); divisor > 1; divisor--) if (value % divisor === 0) return divisor;
  return 1;
}
