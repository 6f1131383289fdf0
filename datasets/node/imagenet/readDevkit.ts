// ILSVRC2012's development kit, from its folder or from the archive as it was downloaded.
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { FormatError } from '../../../kernels/errors.ts';
import type { NamedBytes } from '../../idx.ts';
import { type ImageNetClasses, imagenetClasses, type Synset } from '../../imagenetDevkit.ts';
import { checkIsFile } from '../checkIsFile.ts';
import { readBounded } from '../readBounded.ts';
import { type MatStruct, type MatValue, readMat } from './matFile.ts';

export interface Devkit extends ImageNetClasses {
  readonly groundTruth: NamedBytes;
}

export const DEVKIT = 'ILSVRC2012_devkit_t12';
const META = `${DEVKIT}/data/meta.mat`;
const GROUND_TRUTH = `${DEVKIT}/data/ILSVRC2012_validation_ground_truth.txt`;

/** Of a file: meta.mat has 1 MB. */
const MAX_BYTES = 2 ** 23;
/** Of the whole archive, inflated: it has 20 MB. */
const MAX_ARCHIVE = 2 ** 28;

/**
 * The kit below `root`: `ILSVRC2012_devkit_t12/` or `ILSVRC2012_devkit_t12.tar.gz`, which is not unpacked.
 * @returns undefined where there is neither
 * @throws FormatError naming the file that is damaged or lacks
 */
export async function readDevkit(root: string): Promise<Devkit | undefined> {
  const files = await devkitFiles(root);
  if (!files) return undefined;
  const [meta, groundTruth] = files;
  return { ...imagenetClasses(meta.name, readSynsets(meta)), groundTruth };
}

async function devkitFiles(root: string): Promise<readonly [NamedBytes, NamedBytes] | undefined> {
  if (existsSync(join(root, DEVKIT))) {
    for (const file of [META, GROUND_TRUTH]) {
      if (!existsSync(join(root, file))) throw new FormatError(`${join(root, file)}: is missing`);
    }
    return [await readBounded(join(root, META), MAX_BYTES), await readBounded(join(root, GROUND_TRUTH), MAX_BYTES)];
  }
  const archive = join(root, `${DEVKIT}.tar.gz`);
  return existsSync(archive) ? readArchive(archive) : undefined;
}

/** Reads no further than the two files. */
async function readArchive(archive: string): Promise<readonly [NamedBytes, NamedBytes]> {
  await checkIsFile(archive);
  const found = new Map<string, NamedBytes>();
  const entries = extract();
  // errors surface in the loop below
  pipeline(createReadStream(archive), createGunzip(), bounded, entries, () => {});
  try {
    for await (const entry of entries) {
      const { name: path, size = 0, type } = entry.header;
      const file = path.replace(/^\.\//, '');
      if (file !== META && file !== GROUND_TRUTH) {
        entry.resume();
        continue;
      }
      const name = `${archive}/${file}`;
      if (type !== 'file' && type !== 'contiguous-file')
        throw new FormatError(`${name}: is a ${type}, expected a file`);
      if (size > MAX_BYTES) throw new FormatError(`${name}: found ${size} bytes, expected at most ${MAX_BYTES}`);
      const parts: Buffer[] = [];
      for await (const part of entry as AsyncIterable<Buffer>) parts.push(part);
      found.set(file, { name, bytes: Buffer.concat(parts) });
      if (found.size === 2) break;
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${archive}: the archive is damaged: ${(cause as Error).message}`, { cause });
  }
  const [meta, groundTruth] = [found.get(META), found.get(GROUND_TRUTH)];
  if (!meta || !groundTruth) throw new FormatError(`${archive}: lacks ${meta ? GROUND_TRUTH : META}`);
  return [meta, groundTruth];
}

async function* bounded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let inflated = 0;
  for await (const chunk of source) {
    inflated += chunk.length;
    if (inflated > MAX_ARCHIVE) throw new Error(`it inflates to more than ${MAX_ARCHIVE} bytes`);
    yield chunk;
  }
}

function readSynsets(meta: NamedBytes): Synset[] {
  const synsets = readMat(meta).get('synsets');
  if (!isStructs(synsets)) throw new FormatError(`${meta.name}: found no struct array 'synsets'`);
  return synsets.map((synset, i) => {
    const number = (field: string): number => {
      const value = synset.get(field);
      if (Array.isArray(value) && typeof value[0] === 'number') return value[0];
      throw new FormatError(`${meta.name}: synset ${i + 1}: its field ${field} is no number`);
    };
    const text = (field: string): string => {
      const value = synset.get(field);
      if (typeof value === 'string') return value;
      throw new FormatError(`${meta.name}: synset ${i + 1}: its field ${field} is no text`);
    };
    const [wnid, words] = [text('WNID'), text('words')];
    return { id: number('ILSVRC2012_ID'), wnid, words, numChildren: number('num_children') };
  });
}

function isStructs(value: MatValue | undefined): value is readonly MatStruct[] {
  return Array.isArray(value) && value.length > 0 && value[0] instanceof Map;
}
