// The photographs of bench/loader.ts: the JPEG files of one folder, over and over, read and decoded anew each time.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageDataset } from '../datasets/index.ts';
import { loadImage } from '../datasets/node/loadImage.ts';

export function openPhotos(folder: string, count: number): ImageDataset {
  const files = readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort();
  if (files.length === 0) throw new Error(`${folder} holds no JPEG files`);
  return {
    ...{ name: 'photos', count, classes: files, bad: [] },
    source: { module: import.meta.url, export: 'openPhotos', args: [folder, count] },
    get: async (index) => {
      const target = index % files.length;
      return { image: await loadImage(join(folder, files[target]!), { channels: 3 }), target };
    },
  };
}
