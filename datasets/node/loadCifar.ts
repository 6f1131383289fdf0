// CIFAR-10 and CIFAR-100 from a folder or an archive on disk, downloaded if asked for.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import {
  type Cifar100,
  type Cifar100Options,
  type CifarOptions,
  MAX_CIFAR_BYTES,
  readCifar10Files,
  readCifar100File,
} from '../cifar.ts';
import type { NamedBytes } from '../idx.ts';
import type { LoadedDataset } from '../loadedDataset.ts';
import { readTarGz } from './archiveTarGz.ts';
import { datasetsFolder } from './datasetsFolder.ts';
import { batchFile, type CifarName, type CifarPlace, cifarEntry, findCifar } from './findCifar.ts';
import { type DownloadChoice, findOrFetch } from './findOrFetch.ts';
import { PUBLISHED_FILES } from './publishedFiles.ts';
import { readBounded } from './readBounded.ts';

export interface LoadCifar10Options extends DownloadChoice, Pick<CifarOptions, 'skipBad'> {
  /** The 50,000 training images (default) or the 10,000 test images. */
  train?: boolean;
  /**
   * Which of the five training batches, 10,000 images each, in which order; or `present`: those that are there, at least
   * one. Default: all.
   */
  batches?: readonly number[] | 'present';
}

export interface Cifar10 extends LoadedDataset {
  /** The training batches that it holds, 1 to 5, in order; none for the test images. */
  readonly batches: readonly number[];
}

export interface LoadCifar100Options extends DownloadChoice, Pick<Cifar100Options, 'skipBad' | 'labels'> {
  /** The 50,000 training images (default) or the 10,000 test images. */
  train?: boolean;
}

const ALL = [1, 2, 3, 4, 5];

/**
 * CIFAR-10, [3, 32, 32]: from the binary or the Python version, unpacked or in its .tar.gz, which is not unpacked.
 * @param root the folder of data_batch_1.bin … or data_batch_1 …, one above it, or the archive. Default: `datasets` in
 *   wgrad's cache folder, which `$WGRAD_HOME` moves
 * @throws DatasetNotFoundError where a file is missing, FormatError where one is damaged, FetchError where one cannot be
 *   downloaded, ShapeError for batches that CIFAR-10 does not have
 */
export async function loadCifar10(
  root: string = datasetsFolder(),
  { train = true, batches = ALL, skipBad = false, ...choice }: LoadCifar10Options = {},
): Promise<Cifar10> {
  const isPartial = train && batches === 'present';
  const numbers = batches === 'present' ? ALL : batches;
  if (!numbers.length || !numbers.every((batch) => ALL.includes(batch)) || new Set(numbers).size < numbers.length) {
    throw new ShapeError(`batches must be different numbers from 1 to 5, or 'present', not [${numbers.join(', ')}]`);
  }
  const wanted = train ? numbers.map((batch) => `data_batch_${batch}`) : ['test_batch'];
  const place = await findOrFetch(
    () => findCifar(root, 'cifar10', wanted, { isPartial }),
    { root, files: PUBLISHED_FILES.cifar10 },
    choice,
  );
  const { files, ...layout } = await readPlace(place, wanted, { name: 'cifar10', isPartial });
  const set = readCifar10Files([...files.values()], { ...layout, skipBad });
  return { ...set, batches: train ? [...files.keys()].map((batch) => Number(batch.slice(-1))) : [] };
}

/**
 * CIFAR-100, [3, 32, 32], with fine or coarse labels; both are beside them. Found as CIFAR-10 is.
 * @param root the folder of train.bin and test.bin, or train and test, one above it, or the archive; default as there
 * @throws as `loadCifar10`
 */
export async function loadCifar100(
  root: string = datasetsFolder(),
  { train = true, skipBad = false, labels = 'fine', ...choice }: LoadCifar100Options = {},
): Promise<Cifar100> {
  const wanted = [train ? 'train' : 'test'];
  const place = await findOrFetch(
    () => findCifar(root, 'cifar100', wanted),
    { root, files: PUBLISHED_FILES.cifar100 },
    choice,
  );
  const { files, ...layout } = await readPlace(place, wanted, { name: 'cifar100', isPartial: false });
  const [file] = files.values();
  return readCifar100File(file!, { ...layout, labels, skipBad });
}

interface CifarContent extends Required<Pick<CifarOptions, 'layout'>> {
  /** By batch, in the order that was wanted. */
  files: Map<string, NamedBytes>;
  meta: NamedBytes | undefined;
}

interface Wanted {
  name: CifarName;
  isPartial: boolean;
}

const META = { cifar10: 'batches.meta', cifar100: 'meta' } as const;
const MAX_META_BYTES = 2 ** 20;

async function readPlace(place: CifarPlace, wanted: readonly string[], options: Wanted): Promise<CifarContent> {
  if (place.kind === 'archive') return readArchive(place.path, wanted, options);
  const { folder, layout } = place;
  const files = new Map<string, NamedBytes>();
  for (const batch of place.batches) {
    files.set(batch, await readBounded(join(folder, batchFile(batch, layout)), MAX_CIFAR_BYTES));
  }
  const meta = join(folder, META[options.name]);
  const hasMeta = layout === 'python' && existsSync(meta);
  return { layout, files, meta: hasMeta ? await readBounded(meta, MAX_META_BYTES) : undefined };
}

async function readArchive(
  path: string,
  wanted: readonly string[],
  { name, isPartial }: Wanted,
): Promise<CifarContent> {
  const select = (entry: string) => {
    const { batch, layout } = cifarEntry(entry) ?? {};
    return batch && (wanted.includes(batch) || batch === META[name]) ? batchFile(batch, layout!) : undefined;
  };
  const entries = await readTarGz(path, select, { maxEntryBytes: MAX_CIFAR_BYTES, maxBytes: 2 * MAX_CIFAR_BYTES });
  const layout = wanted.some((batch) => entries.has(batchFile(batch, 'python'))) ? 'python' : 'binary';
  const files = new Map<string, NamedBytes>();
  for (const batch of wanted) {
    const entry = entries.get(batchFile(batch, layout));
    if (entry) files.set(batch, entry);
  }
  const missing = wanted.filter((batch) => !files.has(batch));
  if (isPartial ? !files.size : missing.length) {
    const names = missing.map((batch) => batchFile(batch, layout));
    throw new FormatError(`${path}: the archive lacks ${names.join(', ')}; is it of ${name}?`);
  }
  return { layout, files, meta: layout === 'python' ? entries.get(META[name]) : undefined };
}
