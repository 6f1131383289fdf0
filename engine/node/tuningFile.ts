// Where measured choices of kernels are kept on this machine: tune.json in the folder that `cacheFolder` names.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError } from '../../kernels/errors.ts';
import type { Device } from '../device.ts';
import { formatTuning, parseTuning, type TuningCache } from '../tune/index.ts';
import { cacheFolder } from './cacheFolder.ts';
import { replaceFile } from './replaceFile.ts';

/** Some 1,000 bytes for each of the choices that are kept at most. */
const MOST_BYTES = 8 * 2 ** 20;

/** `$WGRAD_HOME/tune.json`, or the same in the first folder that `cacheFolder` finds. */
export function tuningPath(environment: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(environment), 'tune.json');
}

/**
 * What was measured before. A file that is damaged or too large counts as none.
 * @param onDamage is told what is wrong with it. Default: a warning of the process
 */
export function readTuning(
  path: string,
  onDamage: (message: string) => void = (message) => process.emitWarning(message),
): TuningCache {
  try {
    return parseTuning(path, readBounded(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    if (!(error instanceof FormatError) && !(error instanceof Error && 'syscall' in error)) throw error;
    onDamage(`${error.message}; it is ignored, and replaced by the next \`wgrad tune\``);
    return new Map();
  }
}

/**
 * Adds the choices of a device's tuner to the file, which appears whole or not at all. What other processes added
 * meanwhile stays. A device without a tuner adds nothing.
 * @throws FileError where the file cannot be written
 */
export function writeTuning(path: string, { tuner }: Pick<Device, 'tuner'>): void {
  if (!tuner) return;
  const { adapter, choices } = tuner;
  const before = readTuning(path, () => {});
  const merged = new Map([...(before.get(adapter) ?? []), ...choices]);
  const others = [...before].filter(([key]) => key !== adapter);
  replaceFile(path, formatTuning(new Map([...others, [adapter, merged]])));
}

/** @throws FormatError for a file that is too large */
function readBounded(path: string): string {
  if (!statSync(path).isFile()) throw new FormatError(`${path}: is no file`);
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > MOST_BYTES) throw new FormatError(`${path}: has ${size} bytes, more than ${MOST_BYTES}`);
    const bytes = new Uint8Array(size);
    let length = 0;
    for (let read = -1; length < size && read !== 0; length += read)
      read = readSync(file, bytes, length, size - length, null);
    return new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    closeSync(file);
  }
}
