// The most probable classes of a picture, and how they are shown in a terminal.
import { printable } from '../training/report/printable.ts';
import { formatProbability } from '../training/report/sample.ts';

export interface Classification {
  /** Position of the class among the logits. */
  index: number;
  name: string;
  /** Fraction of 1. */
  probability: number;
}

const BAR_WIDTH = 30;
const MAX_NAME = 40;

/** Softmax of a row of logits in float64, the largest first; equal ones in the order of their index. */
export function topClasses(
  logits: Float32Array,
  { names, top }: { names: readonly string[]; top: number },
): Classification[] {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers
    .map((power, index) => ({ index, name: names[index]!, probability: power / sum }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}

/** The picture's name, then a line for each class: name, percent, bar. */
export function classificationText(image: string, top: readonly Classification[]): string {
  const rows = top.map(({ name, probability }) => ({ name: printable(name).slice(0, MAX_NAME), probability }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    printable(image),
    ...rows.map(({ name, probability }) => {
      const bar = '━'.repeat(Math.round(BAR_WIDTH * probability));
      return `  ${name.padEnd(width)}  ${formatProbability(probability).padStart(7)}  ${bar}`.trimEnd();
    }),
  ].join('\n');
}
