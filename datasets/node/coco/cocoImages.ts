// The pictures of a COCO data set: files below a folder, or in one of the zip archives that are published.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { FormatError } from '../../../kernels/errors.ts';
import type { Image } from '../../images/image.ts';
import { decodeImage } from '../decodeImage.ts';
import { insideFolder } from '../folders/insideFolder.ts';
import { openZipFolder } from '../folders/openZipFolder.ts';
import { readBounded } from '../readBounded.ts';

export interface CocoImages {
  /** Why a file cannot be read, as far as its folder tells; undefined where it should be. */
  refusal(fileName: string): Promise<string | undefined>;
  /** RGB, not turned by EXIF, as torchvision. @throws FormatError naming the file that is missing or damaged */
  load(fileName: string): Promise<Image>;
}

const MAX_FILE_BYTES = 2 ** 28;
const DECODING = { orient: false, channels: 3 } as const;

/** @param root folder of the images, or an archive that holds them in a folder of its own name: `val2017.zip` */
export async function openCocoImages(root: string, { allowLinks }: { allowLinks: boolean }): Promise<CocoImages> {
  const real = await realpath(root);
  return (await stat(real)).isDirectory() ? folderImages(real, allowLinks) : zipImages(real);
}

function folderImages(root: string, allowLinks: boolean): CocoImages {
  const listings = new Map<string, Map<string, Dirent>>();
  return {
    async refusal(fileName) {
      try {
        const entry = (await listing(dirname(fileName))).get(basename(fileName));
        if (entry?.isFile()) return undefined;
        const path = await insideFolder(root, fileName, { allowLinks });
        return (await stat(path)).isFile() ? undefined : `${path}: is no file`;
      } catch (error) {
        if (error instanceof FormatError) return error.message;
        throw error;
      }
    },
    async load(fileName) {
      const { name, bytes } = await readBounded(await insideFolder(root, fileName, { allowLinks }), MAX_FILE_BYTES);
      return decodeImage(bytes, { name, ...DECODING });
    },
  };

  /** Read once: asking for a hundred thousand files one by one takes long. */
  async function listing(folder: string): Promise<Map<string, Dirent>> {
    const known = listings.get(folder);
    if (known) return known;
    const path = await insideFolder(root, folder, { allowLinks });
    const entries = (await stat(path)).isDirectory() ? await readdir(path, { withFileTypes: true }) : [];
    const made = new Map(entries.map((entry) => [entry.name, entry]));
    listings.set(folder, made);
    return made;
  }
}

async function zipImages(archive: string): Promise<CocoImages> {
  const folder = basename(archive).replace(/\.zip$/i, '');
  const zip = await openZipFolder(archive, folder, { maxBytes: MAX_FILE_BYTES });
  return {
    async refusal(fileName) {
      return zip.names.has(fileName) ? undefined : `${archive}/${folder}/${fileName}: is missing`;
    },
    async load(fileName) {
      const { name, bytes } = await zip.read(fileName);
      return decodeImage(bytes, { name, ...DECODING });
    },
  };
}
