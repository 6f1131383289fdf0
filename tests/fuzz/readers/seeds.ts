// The files that mutations begin with: tests/fuzz/corpus, and the fixtures of the readers' own tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const corpus = join(import.meta.dirname, '..', 'corpus');
const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');

/** Those of tests/fuzz/corpus whose name begins so, in order of their names. */
export function corpusFiles(beginning: string): Uint8Array[] {
  return readdirSync(corpus)
    .filter((name) => name.startsWith(`${beginning}.`))
    .sort()
    .map((name) => plainBytes(join(corpus, name)));
}

/** Those of a folder of tests/fixtures whose name fits, in order of their names. */
export function fixtureFiles(folder: string, fits: RegExp): Uint8Array[] {
  return readdirSync(join(fixtures, folder))
    .filter((name) => fits.test(name))
    .sort()
    .map((name) => plainBytes(join(fixtures, folder, name)));
}

/** In memory of their own: Node's small buffers share theirs. */
function plainBytes(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(path));
}
