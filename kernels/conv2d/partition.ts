// How the weight gradient splits its reduction over pixels: enough parts to fill the machine, in a fixed order.
import type { Capabilities } from '../definition.ts';

/** Workgroups that keep a device busy: a few per core of a CPU adapter, several per multiprocessor of a GPU. */
const ENOUGH_WORKGROUPS = { lavapipe: 32, swiftshader: 32, gpu: 1024 };
/** Pixels below which another part costs more than it gains. */
const LEAST_PIXELS = 256;
/** A unit's share of a tensor that is cut must begin where WebGPU lets a binding begin. */
const ALIGNMENT = 256;

/**
 * @param workgroups that one part alone would launch
 * @param imageBytes of one image in each tensor that is cut
 * @returns equal units of whole images (tensors over the binding limit are cut between them), and parts of each
 */
export function partition(
  { kind, bindingLimit }: Capabilities,
  {
    images,
    pixels,
    workgroups,
    imageBytes = [],
  }: { images: number; pixels: number; workgroups: number; imageBytes?: readonly number[] },
): { units: number; partsPerUnit: number } {
  const most = Math.max(1, Math.floor((images * pixels) / LEAST_PIXELS));
  const parts = Math.min(most, Math.max(1, Math.ceil(ENOUGH_WORKGROUPS[kind] / workgroups)));
  const bytes = images * Math.max(...imageBytes, 0);
  const units =
    bytes > bindingLimit
      ? fewestUnits(images, Math.ceil(bytes / bindingLimit), imageBytes)
      : largestDivisor(images, parts);
  return { units, partsPerUnit: Math.max(1, Math.ceil(parts / units)) };
}

/** Few, as each has a partial sum as large as the weight; single images where their bytes meet no alignment. */
function fewestUnits(images: number, least: number, imageBytes: readonly number[]): number {
  for (let units = least; units < images; units++) {
    const isAligned = imageBytes.every((bytes) => ((images / units) * bytes) % ALIGNMENT === 0);
    if (images % units === 0 && isAligned) return units;
  }
  return images;
}

/** At least 1. */
export function largestDivisor(value: number, most: number): number {
  for (let divisor = Math.min(value, most); divisor > 1; divisor--) if (value % divisor === 0) return divisor;
  return 1;
}
