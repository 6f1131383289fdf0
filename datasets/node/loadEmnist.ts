// EMNIST from a folder or from its archive on disk, downloaded if asked for.

import { FormatError } from '../../kernels/errors.ts';
import { type EmnistOptions, type EmnistSplit, emnistKind, readEmnistFiles } from '../emnist.ts';
import { MAX_IDX_BYTES, type NamedBytes } from '../idx.ts';
import type { LoadedDataset } from '../loadedDataset.ts';
import { readZip } from './archiveZip.ts';
import { datasetsFolder } from './datasetsFolder.ts';
import { type EmnistPlace, emnistNames, findEmnist } from './findEmnist.ts';
import { type DownloadChoice, findOrFetch } from './findOrFetch.ts';
import { PUBLISHED_FILES } from './publishedFiles.ts';
import { readBounded } from './readBounded.ts';

export interface LoadEmnistOptions extends EmnistOptions, DownloadChoice {
  split: EmnistSplit;
  /** The training images (default) or the test images. */
  train?: boolean;
}

/**
 * A split of EMNIST, [1, 28, 28], with torchvision's labels and class names; as there, images are transposed unless
 * `transpose` is set. Read from the unpacked files, or straight from the 0.5 GB gzip.zip.
 * @param root the folder of the files, one above it, or the archive. Default: `datasets` in wgrad's cache folder, which
 *   `$WGRAD_HOME` moves
 * @throws DatasetNotFoundError where the files are missing, FormatError where they are damaged, FetchError where they
 *   cannot be downloaded, ShapeError for an unknown split
 */
export async function loadEmnist(
  root: string | undefined,
  { split, train = true, transpose = false, skipBad = false, ...choice }: LoadEmnistOptions,
): Promise<LoadedDataset> {
  emnistKind(split);
  const folder = root ?? datasetsFolder();
  const find = () => findEmnist(folder, split, { train });
  const place = await findOrFetch(find, { root: folder, files: PUBLISHED_FILES.emnist }, choice);
  return readEmnistFiles(split, await readPlace(place, emnistNames(split, { train })), { transpose, skipBad });
}

async function readPlace(
  place: EmnistPlace,
  names: { images: string; labels: string },
): Promise<{ images: NamedBytes; labels: NamedBytes }> {
  if (place.kind === 'files') {
    return {
      images: await readBounded(place.images, MAX_IDX_BYTES),
      labels: await readBounded(place.labels, MAX_IDX_BYTES),
    };
  }
  const wanted = [names.images, names.labels];
  const entries = await readZip(
    place.path,
    (path) => {
      const [, name] = /^(?:gzip\/)?([^/]+?)(?:\.gz)?$/.exec(path) ?? [];
      return name && wanted.includes(name) ? name : undefined;
    },
    { maxEntryBytes: MAX_IDX_BYTES },
  );
  const [images, labels] = wanted.map((name) => entries.get(name));
  if (images && labels) return { images, labels };
  throw new FormatError(
    `${place.path}: the archive lacks ${wanted.filter((name) => !entries.has(name)).join(' and ')}`,
  );
}
