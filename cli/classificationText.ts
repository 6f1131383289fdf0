// How the most probable classes of a picture are shown in a terminal.
import { printable } from '../training/report/printable.ts';
import { formatProbability } from '../training/report/sample.ts';
import type { Classification } from '../training/topClasses.ts';

const BAR_WIDTH = 30;
const MAX_NAME = 40;

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
