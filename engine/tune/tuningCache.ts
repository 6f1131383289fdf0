// The JSON in which choices are kept between runs; what it may hold is checked, for anybody may have written it.
import { FormatError } from '../../kernels/errors.ts';
import type { TunedChoice, TunedChoices } from './tuner.ts';

/** Choices by adapter (`adapterKey`). */
export type TuningCache = ReadonlyMap<string, TunedChoices>;

const FORMAT = 'wgrad tuning';
const VERSION = 1;
/** Kept at most, over all adapters; the oldest go first. */
export const MOST_CHOICES = 4096;
/** Characters of a text, at most: much more than any real one. */
const LONGEST_TEXT = 2048;
const MOST_TIMES = 64;

/** @param name the file's, for errors. @throws FormatError naming what is wrong with it */
export function parseTuning(name: string, text: string): TuningCache {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${name}: is no JSON (${(error as Error).message})`);
  }
  if (!isRecord(file) || file.format !== FORMAT) throw new FormatError(`${name}: is no '${FORMAT}' file`);
  if (file.version !== VERSION) {
    const found = typeof file.version === 'number' ? file.version : typeof file.version;
    throw new FormatError(`${name}: has version ${found}; this program reads ${VERSION}`);
  }
  const { adapters } = file;
  if (!isRecord(adapters)) throw new FormatError(`${name}: adapters is no object`);
  let count = 0;
  return new Map(
    Object.entries(adapters).map(([adapter, choices]) => {
      const where = `${name}: adapters ${JSON.stringify(adapter.slice(0, 80))}`;
      if (!isRecord(choices)) throw new FormatError(`${where}: is no object`);
      count += Object.keys(choices).length;
      if (count > MOST_CHOICES) throw new FormatError(`${name}: holds more than ${MOST_CHOICES} choices`);
      const checked = Object.entries(choices).map(([key, choice]): [string, TunedChoice] => [
        key,
        checkedChoice(`${where}: ${JSON.stringify(key.slice(0, 80))}`, key, choice),
      ]);
      return [adapter, new Map(checked)];
    }),
  );
}

/** The text for the file; of too many choices the oldest are dropped. */
export function formatTuning(cache: TuningCache): string {
  const all = [...cache].flatMap(([adapter, choices]) =>
    [...choices].map(([key, choice]) => ({ adapter, key, choice })),
  );
  const kept = all.slice(-MOST_CHOICES);
  const adapters = [...cache.keys()].map((name) => {
    const choices = kept.filter(({ adapter }) => adapter === name).map(({ key, choice }) => [key, choice]);
    return [name, Object.fromEntries(choices)];
  });
  return `${JSON.stringify({ format: FORMAT, version: VERSION, adapters: Object.fromEntries(adapters) }, null, 1)}\n`;
}

function checkedChoice(where: string, key: string, choice: unknown): TunedChoice {
  if (key.length > LONGEST_TEXT) throw new FormatError(`${where}: is longer than ${LONGEST_TEXT} characters`);
  if (!isRecord(choice) || !isRecord(choice.times)) throw new FormatError(`${where}: is no choice with its times`);
  const { variant, times } = choice;
  if (variant !== null && (typeof variant !== 'string' || variant.length > LONGEST_TEXT)) {
    throw new FormatError(`${where}: variant is neither a name nor null`);
  }
  const entries = Object.entries(times);
  const isTime = (time: unknown) => time === null || (typeof time === 'number' && Number.isFinite(time) && time >= 0);
  if (entries.length > MOST_TIMES || !entries.every(([, time]) => isTime(time))) {
    throw new FormatError(`${where}: times are no nanoseconds by variant`);
  }
  return { variant, times: Object.fromEntries(entries) as TunedChoice['times'] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
