// JSON by its values: other types, other sizes, other names, nested beyond what a stack holds.
import type { Random } from '../../../../datasets/random.ts';
import { below, chance, pick } from '../random.ts';
import type { Mutator } from '../target.ts';
import { MAX_INPUT_BYTES } from './bytes.ts';

type Holder = Record<string | number, unknown>;

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'length', 'hasOwnProperty', '', 'id', 'then'];
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -0, 1, -1, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21],
  ...['', '0', 'NaN', 'null', '\u0000', '\ud800', '../../etc/passwd', '__proto__', 'x'.repeat(5000), [], {}, [[]]],
  ...[[null], [1e308, 1e308], { length: 2 ** 31 }, { __proto__: null, toString: 1 }, ['__proto__']],
];
/** Numbers that `JSON.stringify` cannot write. */
const TEXTS = ['1e999', '-1e999', 'NaN', '00', '+1', '0x10', '1.', '"\\ud800"', '[1,]', '{"a":1,"a":2}'];
const DEPTHS = [1, 10, 63, 65, 1000, 20_000];

/** Of a file that is one JSON value. */
export const mutateJson: Mutator = (bytes, random) => {
  try {
    const text = changedText(new TextDecoder().decode(bytes), random);
    return new TextEncoder().encode(text).slice(0, MAX_INPUT_BYTES);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return bytes; // no JSON, or too deep to be written
    throw error;
  }
};

/** Of a file with a JSON value on each line. */
export const mutateJsonLines: Mutator = (bytes, random) => {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const at = below(random, lines.length);
  const line = mutateJson(new TextEncoder().encode(lines[at]), random, []);
  lines[at] = new TextDecoder().decode(line);
  return new TextEncoder().encode(lines.join('\n')).slice(0, MAX_INPUT_BYTES);
};

/** @throws SyntaxError for what is no JSON, RangeError for what is nested too deeply to be written */
export function changedText(text: string, random: Random): string {
  const root: Holder = { root: JSON.parse(text) };
  for (let left = pick(random, [1, 1, 1, 2, 3]); left > 0; left--) change(root, random);
  const whole = JSON.stringify(root.root) ?? 'null';
  if (!chance(random, 0.2)) return whole;
  // a value that is found by its mark becomes text that no value gives
  const odd = chance(random, 0.5) ? pick(random, TEXTS) : nested(random);
  const numbers = [...whole.matchAll(/-?\d+(\.\d+)?|"[^"\\]*"|null/g)];
  if (numbers.length === 0) return odd;
  const { index, 0: found } = pick(random, numbers);
  return whole.slice(0, index) + odd + whole.slice(index + found.length);
}

function nested(random: Random): string {
  const depth = pick(random, DEPTHS);
  return chance(random, 0.5) ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`;
}

function change(root: Holder, random: Random): void {
  const places = placesIn(root);
  const { holder, key } = pick(random, places);
  const other = pick(random, places);
  const value = holder[key];
  switch (below(random, 8)) {
    case 0:
    case 1:
      set(holder, key, newValue(random));
      break;
    case 2:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else if (key !== 'root') delete holder[key];
      break;
    case 3:
      set(holder, key, structuredClone(other.holder[other.key]));
      break;
    case 4:
      if (typeof value === 'object' && value !== null) set(value as Holder, pick(random, NAMES), newValue(random));
      else set(holder, key, [value]);
      break;
    case 5:
      if (Array.isArray(value))
        set(
          holder,
          key,
          Array.from({ length: pick(random, [2, 50, 500]) }, () => value[0]),
        );
      else set(holder, key, { a: value });
      break;
    case 6:
      if (typeof value === 'number')
        set(holder, key, pick(random, [-value, value + 1, value * 2 ** 32, value / 3, value - 1]));
      else if (typeof value === 'string') set(holder, key, changedString(value, random));
      break;
    default:
      if (Array.isArray(value)) value.push(newValue(random));
      else set(holder, key, newValue(random));
  }
}

function changedString(value: string, random: Random): string {
  const at = below(random, value.length + 1);
  const character = String.fromCharCode(pick(random, [0, 32, 47, 48, 92, 127, 0xd800, 0xffff, 33 + below(random, 94)]));
  return value.slice(0, at) + character + value.slice(at + below(random, 2));
}

/** A copy: a value that stands in two places could come to hold itself. */
function newValue(random: Random): unknown {
  return structuredClone(pick(random, VALUES));
}

/** An own property even where the name is `__proto__`. */
function set(holder: Holder, key: string | number, value: unknown): void {
  if (Array.isArray(holder) && (key === 'length' || key === 'constructor')) return; // no JSON has them

  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

interface Place {
  readonly holder: Holder;
  readonly key: string | number;
}

function placesIn(root: Holder): Place[] {
  const places: Place[] = [];
  const visit = (holder: Holder, depth: number): void => {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const value = holder[key];
      if (typeof value === 'object' && value !== null && depth < 20) visit(value as Holder, depth + 1);
    }
  };
  visit(root, 0);
  return places;
}
