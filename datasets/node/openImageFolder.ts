// Any images sorted into folders by class: torchvision's ImageFolder.
import { join, resolve } from 'node:path';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { checkSampleIndex } from '../checkSampleIndex.ts';
import type { BadRecord, ImageDataset, OpenOptions } from '../imageDataset.ts';
import { DatasetNotFoundError } from './findDataset.ts';
import { emptyClasses, type FolderIndex, labelsOf, pathOf } from './folders/folderIndex.ts';
import { type CacheChoice, indexFolder } from './folders/indexFolder.ts';
import { insideFolder, type LinkChoice } from './folders/insideFolder.ts';
import { loadImage } from './loadImage.ts';

/** torchvision's list. Only JPEG and PNG can be decoded in Node; `get` refuses the others. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.png',
  '.ppm',
  '.bmp',
  '.pgm',
  '.tif',
  '.tiff',
  '.webp',
];

export interface ImageFolderOptions extends OpenOptions, CacheChoice, LinkChoice {
  /** Endings of the files that are images, in any case. Default: `IMAGE_EXTENSIONS`. */
  readonly extensions?: readonly string[];
  /** Takes class folders without an image for classes; by default they are an error. */
  readonly allowEmpty?: boolean;
}

export interface ImageFolder extends ImageDataset<number> {
  /** Number of each class by its folder's name. */
  readonly classToIdx: ReadonlyMap<string, number>;
  /** Where a sample's file is. */
  path(index: number): string;
}

/**
 * `root/<class>/…/<image>`, as torchvision.datasets.ImageFolder: classes are the folders by name, images are ordered by
 * path, files of other kinds are passed over; here names that begin with a dot are, too. Images are read when they are
 * asked for, as RGB, by PIL's rules (EXIF orientation is not applied).
 * https://pytorch.org/vision/0.14/generated/torchvision.datasets.ImageFolder.html
 *
 * The list of files is kept in wgrad's cache folder until one of the folders changes.
 * @param options.skipBad leaves out links that leave `root` or lead nowhere and what is no file, and lists them and the
 *   empty classes in `bad`; a class keeps its number. Damaged pictures show when they are read.
 * @throws DatasetNotFoundError for a root without class folders; FormatError for a bad file or an empty class
 */
export async function openImageFolder(root: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  const { extensions = IMAGE_EXTENSIONS, allowEmpty = false, allowLinks = false, skipBad = false, cache } = options;
  const endings = extensions.map((extension) => extension.toLowerCase());
  if (endings.length === 0 || endings.includes('')) {
    throw new ShapeError(`openImageFolder: extensions are endings such as '.png', given ${JSON.stringify(extensions)}`);
  }
  const index = await indexFolder(root, { extensions: endings, allowLinks, ...(cache !== undefined && { cache }) });
  const bad = refuse(index, { extensions: endings, allowEmpty, skipBad });
  const [name, count, labels] = ['image-folder', index.names.count, labelsOf(index)];
  const path = (i: number): string => {
    checkSampleIndex({ name, count }, i);
    return pathOf(index, i);
  };
  return {
    name,
    count,
    labels,
    bad,
    classes: index.classes,
    classToIdx: new Map(index.classes.map((each, i) => [each, i])),
    source: { module: import.meta.url, export: 'openImageFolder', args: [resolve(root), options] },
    path: (i) => join(index.root, path(i)),
    async get(i) {
      const file = await insideFolder(index.root, path(i), { allowLinks });
      return { image: await loadImage(file, { orient: false, channels: 3 }), target: labels[i]! };
    },
  };
}

/**
 * What is wrong with a listed folder.
 * @throws as `openImageFolder`
 */
export function refuse(
  index: FolderIndex,
  { extensions, allowEmpty, skipBad }: { extensions: readonly string[]; allowEmpty: boolean; skipBad: boolean },
): readonly BadRecord[] {
  const { root, classes } = index;
  const [first] = index.bad;
  if (first && !skipBad) throw new FormatError(`${first.record}: ${first.reason}`);
  if (classes.length === 0) {
    throw new DatasetNotFoundError(`${root}: found no class folder; expected ${join(root, '<class>', '<image>')}`);
  }
  const empty = allowEmpty ? [] : emptyClasses(index);
  const reason = `found no image (${extensions.join(' ')})`;
  if (empty.length > 0 && !skipBad) {
    const more = empty.length > 10 ? ` and ${empty.length - 10} more` : '';
    throw new FormatError(
      `${root}: ${reason} for the classes ${empty.slice(0, 10).join(', ')}${more}; allowEmpty takes them`,
    );
  }
  return [...index.bad, ...empty.map((name) => ({ record: join(root, name), reason }))];
}
