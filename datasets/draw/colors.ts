// Colours that can be told apart, and text that can be read on them.
import type { Color } from './canvas.ts';

/** A bright colour of its own for each index: hues a golden angle apart, so that neighbours differ most. */
export function distinctColor(index: number): Color {
  const hue = (8 + index * 137.508) % 360;
  const value = [1, 0.78, 0.9][Math.floor(index / 8) % 3]!;
  const channel = (shift: number) => {
    const k = (shift + hue / 60) % 6;
    return Math.round(255 * value * (1 - 0.85 * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}

/** Black or white, whichever stands out. */
export function inkOn([red, green, blue]: Color): Color {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? [0, 0, 0] : [255, 255, 255];
}
