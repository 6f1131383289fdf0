// Downloading what a loader does not find.
import { type DatasetFile, type FetchFileOptions, fetchFile } from './download/fetchFile.ts';
import { DatasetNotFoundError } from './findDataset.ts';

/** What every loader of a published data set takes. */
export interface DownloadChoice extends Omit<FetchFileOptions, 'variable'> {
  /** Whether files that are not there are downloaded into the root, in torchvision's layout. Default false. */
  download?: boolean;
}

/**
 * What `find` returns; when it finds nothing and `download` is set, after the files have been fetched into `root`.
 * @throws DatasetNotFoundError of `find`, with the way to download; what `fetchFile` throws
 */
export async function findOrFetch<T>(
  find: () => T,
  { root, files }: { root: string; files: readonly DatasetFile[] },
  { download = false, ...options }: DownloadChoice,
): Promise<T> {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof DatasetNotFoundError)) throw error;
    if (!download)
      throw new DatasetNotFoundError(`${error.message}, or load it with { download: true }`, { cause: error });
  }
  for (const file of files) await fetchFile(root, file, options);
  return find();
}
