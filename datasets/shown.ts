// A value from a file, as an error message shows it.

const MAX_CHARACTERS = 60;

/**
 * As JSON, cut where it is long. Values nested too deeply for `JSON.stringify`, which `JSON.parse` reads, are only named.
 * @param absent what stands for undefined
 */
export function shown(value: unknown, absent = 'missing'): string {
  if (value === undefined) return absent;
  try {
    const text = JSON.stringify(value);
    return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 3)}...` : text;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 'a value that is nested too deeply to show';
  }
}
