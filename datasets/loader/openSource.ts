// A data set opened again from its description: what a worker does first.
import { ShapeError } from '../../kernels/errors.ts';
import type { DatasetSource, ImageDataset } from '../imageDataset.ts';

/**
 * Imports the module and calls its function. The source runs code: take it from a data set, never from a file.
 * @throws ShapeError where the module has no such function, and whatever opening throws
 */
export async function openSource<Target>(source: DatasetSource): Promise<ImageDataset<Target>> {
  const module = await import(/* @vite-ignore */ /* webpackIgnore: true */ source.module);
  const open = module[source.export];
  if (typeof open !== 'function') {
    throw new ShapeError(
      `DataLoader: ${source.module} exports no function ${source.export}, which a worker has to call`,
    );
  }
  return open(...source.args);
}
