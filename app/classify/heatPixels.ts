// Colours of a map: clear at 0 and below, then dark to bright yellow at its maximum (five steps of matplotlib's inferno).
import type { HeatMap } from './classActivationMap.ts';

/** Red, green, blue at even steps from 0 to the maximum. */
const RAMP = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
] as const;

/** RGBA of a map's cells. What speaks against the class is left clear. */
export function heatPixels({ values }: HeatMap): Uint8ClampedArray<ArrayBuffer> {
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  const rgba = new Uint8ClampedArray(values.length * 4);
  for (const [i, value] of values.entries()) {
    const share = largest > 0 ? Math.max(0, value / largest) : 0;
    const place = Math.min(share * (RAMP.length - 1), RAMP.length - 1 - 1e-6);
    const step = Math.floor(place);
    for (let c = 0; c < 3; c++) {
      rgba[4 * i + c] = RAMP[step]![c]! + (place - step) * (RAMP[step + 1]![c]! - RAMP[step]![c]!);
    }
    rgba[4 * i + 3] = Math.round(255 * Math.sqrt(share));
  }
  return rgba;
}
