// Changes that know nothing of the format: bits, bytes, numbers of 2, 4 and 8 bytes, cuts, copies and splices.
import type { Random } from '../../../../datasets/random.ts';
import { below, pick } from '../random.ts';
import type { Mutator } from '../target.ts';

/** No input grows beyond. */
export const MAX_INPUT_BYTES = 2 ** 16;

const BYTES = [0, 1, 2, 0x0a, 0x20, 0x2e, 0x30, 0x7f, 0x80, 0xff];
/** Where widths and signs end, and what multiplies to more than fits. */
const NUMBERS = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 63n, 64n, 127n, 128n, 255n, 256n, 1024n, 32767n, 32768n, 65535n, 65536n],
  ...[2n ** 24n, 2n ** 27n, 2n ** 30n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n],
  ...[2n ** 52n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 60n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n - 8n],
];

export const byteMutators: readonly Mutator[] = [
  flipBit,
  setByte,
  setNumber,
  setNumber, // lengths and offsets are where readers go wrong
  addToByte,
  cutEnd,
  removePart,
  repeatPart,
  movePart,
  insertBytes,
  splice,
];

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = below(random, bytes.length);
  if (bytes.length > 0) changed[at] = bytes[at]! ^ (1 << below(random, 8));
  return changed;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  if (bytes.length > 0) changed[below(random, bytes.length)] = pick(random, [...BYTES, below(random, 256)]);
  return changed;
}

/** Lengths that are off by one or a little. */
function addToByte(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = below(random, bytes.length);
  if (bytes.length > 0) changed[at] = bytes[at]! + pick(random, [-8, -4, -2, -1, 1, 2, 4, 8]);
  return changed;
}

function setNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const width = pick(random, [2, 4, 8]);
  if (bytes.length < width) return changed;
  const view = new DataView(changed.buffer);
  const at = below(random, bytes.length - width + 1);
  const isLittle = below(random, 2) === 0;
  const value = BigInt.asUintN(8 * width, pick(random, NUMBERS));
  if (width === 2) view.setUint16(at, Number(value), isLittle);
  else if (width === 4) view.setUint32(at, Number(value), isLittle);
  else view.setBigUint64(at, value, isLittle);
  return changed;
}

function cutEnd(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, below(random, bytes.length + 1));
}

function removePart(bytes: Uint8Array, random: Random): Uint8Array {
  const { start, end } = part(bytes, random);
  return joined(bytes.subarray(0, start), bytes.subarray(end));
}

function repeatPart(bytes: Uint8Array, random: Random): Uint8Array {
  const { start, end } = part(bytes, random);
  const copies = Array.from({ length: pick(random, [1, 1, 2, 8, 64]) }, () => bytes.subarray(start, end));
  return joined(bytes.subarray(0, end), ...copies, bytes.subarray(end));
}

function movePart(bytes: Uint8Array, random: Random): Uint8Array {
  const { start, end } = part(bytes, random);
  const rest = joined(bytes.subarray(0, start), bytes.subarray(end));
  const at = below(random, rest.length + 1);
  return joined(rest.subarray(0, at), bytes.subarray(start, end), rest.subarray(at));
}

function insertBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = below(random, bytes.length + 1);
  const given = Uint8Array.from({ length: 1 + below(random, 8) }, () => pick(random, [...BYTES, below(random, 256)]));
  return joined(bytes.subarray(0, at), given, bytes.subarray(at));
}

/** The beginning of one file and the end of another. */
function splice(bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  const other = pick(random, seeds);
  return joined(bytes.subarray(0, below(random, bytes.length + 1)), other.subarray(below(random, other.length + 1)));
}

/** Mostly short, as fields are. */
export function part(bytes: Uint8Array, random: Random): { start: number; end: number } {
  const start = below(random, bytes.length);
  const length = 1 + below(random, pick(random, [4, 16, 64, bytes.length]));
  return { start, end: Math.min(bytes.length, start + length) };
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const all = new Uint8Array(Math.min(total, MAX_INPUT_BYTES));
  let at = 0;
  for (const each of parts) {
    const fitting = each.subarray(0, all.length - at);
    all.set(fitting, at);
    at += fitting.length;
  }
  return all;
}

/** One change of the bytes, or a few. */
export function changeBytes(bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[] = [bytes]): Uint8Array {
  let changed = bytes;
  for (let left = pick(random, [1, 1, 1, 2, 4]); left > 0; left--)
    changed = pick(random, byteMutators)(changed, random, seeds);
  return changed;
}
