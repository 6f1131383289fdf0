// Where in the source of the models a layer is made: the line of its field in the class that has it, followed through
// `new Sequential(…)` and functions that return one.
import type { AnyModule } from '../../engine/nn/module.ts';
import { stateName } from '../../engine/nn/stateName.ts';

interface LayerCode {
  /** `resnet.ts` */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The class itself for a block that has one, the `forward` of the class for what a module does itself (a sum, a
 * functional ReLU), else the line that makes the layer. Undefined where the sources lack the class.
 * @param name dotted, as `namedModules()` lists it; '' is the model
 * @param sources text of each file by its name
 */
export function findLayerCode(
  model: AnyModule,
  { name, isForward }: { name: string; isForward: boolean },
  sources: Readonly<Record<string, string>>,
): LayerCode | undefined {
  const path = name ? name.split('.') : [];
  for (let depth = path.length; depth >= 0; depth--) {
    const type = model.getSubmodule(path.slice(0, depth).join('.')).constructor.name;
    const found = findClass(type, sources);
    if (!found) continue;
    const { file, lines, start, end } = found;
    const rest = path.slice(depth);
    const own = isForward ? forwardLine(lines, start, end) : start;
    const made = model.getSubmodule(name).constructor.name;
    const line = rest.length ? lineOf(rest, lines, { start, end, made }) : own;
    return { file, line: line + 1 };
  }
  return undefined;
}

interface Range {
  readonly start: number;
  readonly end: number;
  /** Class of the layer that is looked for. */
  readonly made: string;
}

function findClass(type: string, sources: Readonly<Record<string, string>>) {
  for (const [file, text] of Object.entries(sources)) {
    const lines = text.split('\n');
    const start = lines.findIndex((line) => new RegExp(`^export class ${type}\\b`).test(line));
    if (start >= 0) return { file, lines, start, end: lines.indexOf('}', start) };
  }
  return undefined;
}

function forwardLine(lines: readonly string[], start: number, end: number): number {
  const found = lines.findIndex((line, i) => i > start && i < end && /\bforward\(/.test(line));
  return found < 0 ? start : found;
}

/** The line of a field, then of what lies in the Sequential that it is. */
function lineOf([field, ...rest]: readonly string[], lines: readonly string[], { start, end, made }: Range): number {
  const assigns = (line: string) => /^\s*(?:this\.|readonly )(\w+) = /.exec(line)?.[1];
  const found = lines.findIndex((line, i) => i > start && i < end && stateName(assigns(line) ?? '') === field);
  return found < 0 ? start : within(rest, lines, { line: found, column: 0, made });
}

interface Place {
  readonly line: number;
  readonly column: number;
}

function within(
  [key, ...rest]: readonly string[],
  lines: readonly string[],
  { made, ...place }: Place & Pick<Range, 'made'>,
): number {
  if (key === undefined) return place.line;
  const sequential = sequentialAt(lines, place);
  if (!sequential) return place.line;
  const parts = partsOf(lines, sequential);
  const named = parts.find(({ text }) => text.startsWith(`${key}: `));
  const part = named ?? (/^\d+$/.test(key) ? parts[Number(key)] : undefined);
  // further ones come out of the last, a spread
  const next = part ?? parts.findLast(({ text }) => text.startsWith('...'));
  if (!next) return place.line;
  const [, called] = /^\.\.\.(\w+)\(/.exec(next.text) ?? [];
  if (called) return lineThatMakes(made, called, lines) ?? next.line;
  return next.text.startsWith('...') ? next.line : within(rest, lines, { ...next, made });
}

/** In the body of a function that returns layers. */
function lineThatMakes(type: string, name: string, lines: readonly string[]): number | undefined {
  const start = lines.findIndex((line) => line.includes(`function ${name}(`));
  const found = lines.findIndex((line, i) => i > start && line.includes(`new ${type}(`));
  return start >= 0 && found >= 0 && found < lines.indexOf('}', start) ? found : undefined;
}

/** What follows `new Sequential(`, there or in the function called there. */
function sequentialAt(lines: readonly string[], { line, column }: Place): Place | undefined {
  const text = lines[line]!.slice(column);
  if (text.includes(' ? ')) return undefined; // one of two, and the source does not say which
  const [, word, opening] = /^.*?\b(?:= |: )?(new Sequential|(?:[a-z]\w*))(\()/.exec(text) ?? [];
  if (!opening) return undefined;
  if (word === 'new Sequential') return { line, column: column + text.indexOf('new Sequential(') + 15 };
  const body = lines.findIndex((each) => each.includes(`function ${word}(`));
  if (body < 0) return undefined;
  const made = lines.findIndex(
    (each, i) => i > body && i < lines.indexOf('}', body) && each.includes('new Sequential('),
  );
  return made < 0 ? undefined : { line: made, column: lines[made]!.indexOf('new Sequential(') + 15 };
}

/** The arguments from there to the closing bracket; of a single object, its properties. */
function partsOf(lines: readonly string[], from: Place): (Place & { text: string })[] {
  const parts: (Place & { text: string })[] = [];
  let depth = 0;
  let isNew = true;
  for (let line = from.line; line < lines.length; line++) {
    const code = lines[line]!.replace(/\/\/.*/, '');
    for (let column = line === from.line ? from.column : 0; column < code.length; column++) {
      const character = code[column]!;
      if (isNew && character === '{' && depth === 0 && !parts.length) continue; // an object's properties count as parts
      if (isNew && character.trim()) {
        if (')}'.includes(character)) return parts;
        parts.push({ line, column, text: code.slice(column) });
        isNew = false;
      }
      if ('([{'.includes(character)) depth++;
      if (')]}'.includes(character) && --depth < 0) return parts;
      if (character === ',' && depth === 0) isNew = true;
    }
  }
  return parts;
}
