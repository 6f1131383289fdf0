// The models' names for a help text: a line for each family.
import { modelEntries } from '../models/index.ts';

/** Indented and wrapped at 100 columns. */
export function modelList(): string {
  const families = new Map<string, string[]>();
  for (const { family, name } of modelEntries()) families.set(family, [...(families.get(family) ?? []), name]);
  const width = Math.max(...[...families.keys()].map(({ length }) => length));
  return [...families].map(([family, names]) => `  ${family.padEnd(width)}  ${names.join(' ')}`).join('\n');
}
