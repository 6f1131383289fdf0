// Where data sets are kept when no folder is given.
import { join } from 'node:path';
import { cacheFolder } from '../../engine/node/cacheFolder.ts';

/** `datasets` in wgrad's cache folder, which `$WGRAD_HOME` moves. */
export function datasetsFolder(): string {
  return join(cacheFolder(), 'datasets');
}
