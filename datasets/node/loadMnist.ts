// MNIST and Fashion-MNIST from a folder on disk, downloaded if asked for.

import { MAX_IDX_BYTES } from '../idx.ts';
import type { OpenOptions } from '../imageDataset.ts';
import type { LoadedDataset } from '../loadedDataset.ts';
import { FASHION_MNIST, MNIST, type MnistKind, readMnistFiles } from '../mnist.ts';
import { datasetsFolder } from './datasetsFolder.ts';
import { findDataset } from './findDataset.ts';
import { type DownloadChoice, findOrFetch } from './findOrFetch.ts';
import { PUBLISHED_FILES } from './publishedFiles.ts';
import { readBounded } from './readBounded.ts';

export interface LoadMnistOptions extends DownloadChoice, OpenOptions {
  /** The 60,000 training images (default) or the 10,000 test images. */
  train?: boolean;
}

/**
 * MNIST: 60,000 training or 10,000 test images, [1, 28, 28].
 * @param root the folder of the files, or one above it (see `findDataset`). Default: `datasets` in wgrad's cache folder,
 *   which `$WGRAD_HOME` moves
 * @throws DatasetNotFoundError where the files are missing, FormatError where they are damaged, FetchError where they
 *   cannot be downloaded
 */
export function loadMnist(root: string = datasetsFolder(), options: LoadMnistOptions = {}): Promise<LoadedDataset> {
  return load(MNIST, root, options);
}

/** Fashion-MNIST: same sizes, options and errors as `loadMnist`. */
export function loadFashionMnist(
  root: string = datasetsFolder(),
  options: LoadMnistOptions = {},
): Promise<LoadedDataset> {
  return load(FASHION_MNIST, root, options);
}

async function load(
  kind: MnistKind,
  root: string,
  { train = true, skipBad = false, ...choice }: LoadMnistOptions,
): Promise<LoadedDataset> {
  const published = PUBLISHED_FILES[kind.name].filter(({ path }) => path.includes(train ? '/train-' : '/t10k-'));
  const find = () => findDataset(root, kind.name, { train });
  const files = await findOrFetch(find, { root, files: published }, choice);
  const read = (path: string) => readBounded(path, MAX_IDX_BYTES);
  return readMnistFiles(kind, { images: await read(files.images), labels: await read(files.labels) }, { skipBad });
}
