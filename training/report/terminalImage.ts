// Draws a few images side by side in a terminal: half-block characters in colour, or an ASCII ramp without.
import { printable } from './printable.ts';
import { checkSample, formatProbability, pixelOf, type Sample } from './sample.ts';

/** 24-bit colour, the 24 greys of the 256-colour palette, or plain text. */
export type TerminalColor = 'truecolor' | 'grey' | 'none';

/** The part of a terminal stream (`process.stdout`) that is asked. */
export interface TerminalStream {
  isTTY?: boolean;
  columns?: number;
  getColorDepth?(env?: object): number;
}

export interface TerminalImageOptions {
  color: TerminalColor;
  /** Characters a line; default 80. */
  columns?: number;
  /** Larger images are shrunk to this many characters across; default 32. */
  maxWidth?: number;
}

type Rgb = [red: number, green: number, blue: number];

const GAP = 2;
const RAMP = ' .:-=+*#%@';
const RESET = '\x1b[0m';

/** What `stream` can show; none when it is no terminal or the environment sets NO_COLOR (no-color.org). */
export function terminalColor(stream: TerminalStream, env: Record<string, string | undefined>): TerminalColor {
  if (!stream.isTTY || env.NO_COLOR) return 'none';
  const depth = stream.getColorDepth?.(env) ?? 1;
  if (depth >= 24) return 'truecolor';
  return depth >= 8 ? 'grey' : 'none';
}

/**
 * The samples side by side, as many a row as fit, each with a caption such as `7 ✓ 99.8 %` or `3 ✗ 51.2 % (5)`, the
 * true class in parentheses. Every character holds two pixels, one above the other.
 * @returns lines, each ended by a newline
 * @throws ShapeError for an image that does not fit its shape
 */
export function terminalImages(samples: Sample[], options: TerminalImageOptions): string {
  const { color, columns = 80, maxWidth = 32 } = options;
  const widest = Math.max(1, Math.floor(Math.min(maxWidth, columns)));
  const tiles = samples.map((sample, index) => {
    checkSample(`terminalImages: sample ${index}`, sample);
    return { ...drawImage(sample, widest, color), sample, caption: captionOf(sample).slice(0, widest) };
  });
  const tileWidth = Math.max(1, ...tiles.map(({ width, caption }) => Math.max(width, caption.length)));
  const across = Math.max(1, Math.floor((columns + GAP) / (tileWidth + GAP)));
  const join = (cells: string[]) => `${cells.join(' '.repeat(GAP)).trimEnd()}\n`;

  let text = '';
  for (let first = 0; first < tiles.length; first += across) {
    const row = tiles.slice(first, first + across);
    const height = Math.max(...row.map(({ lines }) => lines.length));
    for (let line = 0; line < height; line++) {
      text += join(row.map(({ lines, width }) => (lines[line] ?? ' '.repeat(width)) + ' '.repeat(tileWidth - width)));
    }
    text += join(row.map(({ sample, caption }) => paintCaption(caption.padEnd(tileWidth), sample.isRight, color)));
  }
  return text;
}

function captionOf({ prediction, label, isRight, probability }: Sample): string {
  const truth = isRight ? '' : ` (${label})`;
  return printable(`${prediction} ${isRight ? '✓' : '✗'} ${formatProbability(probability)}${truth}`);
}

function paintCaption(caption: string, isRight: boolean, color: TerminalColor): string {
  return color === 'none' ? caption : `\x1b[${isRight ? 32 : 31}m${caption}${RESET}`;
}

function drawImage(sample: Sample, maxWidth: number, color: TerminalColor): { lines: string[]; width: number } {
  const [, h, w] = sample.shape;
  const shrink = Math.max(1, w / maxWidth);
  const width = Math.floor(w / shrink);
  const height = Math.max(1, Math.round(h / shrink));
  const pixel = (y: number, x: number) => boxMean(sample, y * shrink, x * shrink, shrink);
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    let style = '';
    for (let x = 0; x < width; x++) {
      const upper = pixel(y, x);
      const lower = y + 1 < height ? pixel(y + 1, x) : undefined;
      const next = styleOf(upper, lower, color);
      if (next !== style) line += next;
      style = next;
      line += color === 'none' ? rampChar(upper, lower) : '▀';
    }
    lines.push(color === 'none' ? line : line + RESET);
  }
  return { lines, width };
}

/** The escape code that gives the half block its upper pixel as foreground and its lower one as background. */
function styleOf(upper: Rgb, lower: Rgb | undefined, color: TerminalColor): string {
  if (color === 'none') return '';
  const code = (pixel: Rgb) =>
    color === 'truecolor' ? `2;${pixel.map(Math.round).join(';')}` : `5;${paletteGrey(pixel)}`;
  return `\x1b[38;${code(upper)};${lower ? `48;${code(lower)}` : '49'}m`;
}

/** Entry 232 … 255 of the 256-colour palette. */
function paletteGrey(pixel: Rgb): number {
  return 232 + Math.round((luminance(pixel) / 255) * 23);
}

function rampChar(upper: Rgb, lower: Rgb = upper): string {
  const brightness = (luminance(upper) + luminance(lower)) / 2 / 255;
  return RAMP[Math.round(brightness * (RAMP.length - 1))];
}

/** Rec. 601 luma. */
function luminance([red, green, blue]: Rgb): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Mean colour of the square of `size` pixels whose top left corner is (top, left); one pixel when size is 1. */
function boxMean(sample: Sample, top: number, left: number, size: number): Rgb {
  const [, h, w] = sample.shape;
  const sum: Rgb = [0, 0, 0];
  let count = 0;
  for (let y = Math.min(h - 1, Math.floor(top)); y < Math.min(h, top + size); y++) {
    for (let x = Math.min(w - 1, Math.floor(left)); x < Math.min(w, left + size); x++) {
      pixelOf(sample, y, x).forEach((value, channel) => {
        sum[channel] += value;
      });
      count++;
    }
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}
