// manifest.json of a checkpoint: length and SHA-256 of each of its files, so that a bit that flipped and a file that was
// cut are found before they are trained on.
import { createHash } from 'node:crypto';
import { shown } from '../../datasets/shown.ts';
import { FormatError } from '../../kernels/errors.ts';

export const MANIFEST = 'manifest.json';

export type Manifest = ReadonlyMap<string, { readonly bytes: number; readonly sha256: string }>;

/** @param files bytes by file name */
export function manifestText(files: ReadonlyMap<string, Uint8Array>): string {
  const rows = [...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256(bytes) }]);
  return `${JSON.stringify({ format: 'wgrad manifest', version: 1, files: Object.fromEntries(rows) }, null, 2)}\n`;
}

/** @throws FormatError naming the file and what was found */
export function parseManifest(file: string, text: string): Manifest {
  const { format, version, files } = (parse(file, text) ?? {}) as Record<string, unknown>;
  if (format !== 'wgrad manifest' || version !== 1 || typeof files !== 'object' || files === null) {
    throw new FormatError(`${file}: expected a wgrad manifest of version 1, found ${shown(text)}`);
  }
  for (const [name, row] of Object.entries(files)) {
    const isRight = Number.isSafeInteger(row?.bytes) && row.bytes >= 0 && isSha256(row.sha256);
    if (!isRight) throw new FormatError(`${file}: ${name}: expected bytes and sha256, found ${shown(row)}`);
  }
  return new Map(Object.entries(files));
}

/** @throws FormatError naming the file, what was found and what was expected */
export function checkAgainst(manifest: Manifest, name: string, file: string, bytes: Uint8Array): void {
  const expected = manifest.get(name);
  if (!expected) throw new FormatError(`${file}: is not in ${MANIFEST}; expected one of ${[...manifest.keys()]}`);
  if (bytes.length !== expected.bytes) {
    throw new FormatError(`${file}: found ${bytes.length} bytes, expected ${expected.bytes}: it was cut or changed`);
  }
  const found = sha256(bytes);
  if (found === expected.sha256) return;
  throw new FormatError(`${file}: is damaged: its SHA-256 is ${found}, expected ${expected.sha256}`);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${file}: expected JSON: ${(error as Error).message}`, { cause: error });
  }
}

function isSha256(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
