import { printable } from '../training/report/printable.ts';

/** An optimizer's state, or the names of ImageNet's classes, would fill pages. */
const MAX_COLUMNS = 100;

/** A text of a file for one line of the terminal. */
export function oneLine(text: string): string {
  const shown = printable(text);
  return shown.length > MAX_COLUMNS ? `${shown.slice(0, MAX_COLUMNS - 1)}…` : shown;
}
