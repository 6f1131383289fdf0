// A published data set, downloaded without being loaded.
import { datasetsFolder } from './datasetsFolder.ts';
import { type FetchFileOptions, fetchFile } from './download/fetchFile.ts';
import { PUBLISHED_FILES, type PublishedSet } from './publishedFiles.ts';

/**
 * Downloads what is not there yet of a data set's files, in torchvision's layout; MD5 checked.
 * @param root the folder of all data sets. Default: `datasets` in wgrad's cache folder, which `$WGRAD_HOME` moves
 * @returns the paths of the files
 * @throws as `fetchFile`
 */
export async function fetchDataset(
  name: PublishedSet,
  root: string = datasetsFolder(),
  options: FetchFileOptions = {},
): Promise<string[]> {
  const paths: string[] = [];
  for (const file of PUBLISHED_FILES[name]) paths.push(await fetchFile(root, file, options));
  return paths;
}
