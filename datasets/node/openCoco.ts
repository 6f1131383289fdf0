// COCO from its original files, as torchvision's CocoDetection and CocoCaptions: https://cocodataset.org/#download
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FormatError } from '../../kernels/errors.ts';
import { checkSampleIndex } from '../checkSampleIndex.ts';
import type { CocoAnnotation } from '../coco/annotation.ts';
import { type AnnotationKind, CAPTIONS, DETECTION, KEYPOINTS } from '../coco/annotationKinds.ts';
import type { CocoCategory } from '../coco/categories.ts';
import type { CocoImage } from '../coco/tables.ts';
import type { BadRecord, ImageDataset, OpenOptions } from '../imageDataset.ts';
import { cachedCocoIndex, checkStamp } from './coco/cachedCocoIndex.ts';
import { openCocoImages } from './coco/cocoImages.ts';
import type { CocoIndex } from './coco/cocoIndex.ts';
import { readRecords } from './coco/readRecords.ts';
import { DatasetNotFoundError } from './findDataset.ts';
import type { LinkChoice } from './folders/insideFolder.ts';

/** Annotations of an image in the order of the file. */
export type CocoTarget = readonly CocoAnnotation[];

export interface CocoDataset<Target> extends ImageDataset<Target> {
  /** In order of id; `classes` are their names, `CocoAnnotation.category` their places. */
  readonly categories: readonly CocoCategory[];
  /** What the file says of each sample's image: in order of id, which is the order of the samples. */
  readonly images: readonly CocoImage[];
  /** Sample of an image's id; -1 where there is none. */
  indexOf(imageId: number): number;
  /** The target without its image. @throws as `get` */
  target(index: number): Promise<Target>;
}

export interface CocoOptions extends OpenOptions, LinkChoice {
  /**
   * Folder where the index of the annotation file is kept between runs and for workers; false keeps none. Default:
   * `datasets/indexes` in wgrad's cache folder, for files from 16 MiB on. It is made again when the file has changed.
   */
  readonly cache?: string | false;
}

/**
 * Boxes and outlines by `instances_*.json` or `stuff_*.json`; `segmentationToRle` makes masks of them.
 *
 * The annotation file is read once from end to end, at some 100 MB/s, and checked; later on annotations are read when
 * they are asked for. With `skipBad`, the annotations of an image that is left out go with it.
 * @param root folder with the images (`val2017`), or the archive as it is published (`val2017.zip`)
 * @param annotationFile such as `annotations/instances_val2017.json`
 * @throws DatasetNotFoundError saying what to download where the folder or file is missing; FormatError naming file
 *   and record where the annotations are damaged, point nowhere, or name an image that is missing or lies elsewhere
 * https://pytorch.org/vision/stable/generated/torchvision.datasets.CocoDetection.html
 */
export async function openCocoDetection(
  root: string,
  annotationFile: string,
  options: CocoOptions = {},
): Promise<CocoDataset<CocoTarget>> {
  return openCoco('openCocoDetection', DETECTION, root, annotationFile, options);
}

/** As openCocoDetection, by `person_keypoints_*.json`: every annotation has keypoints. */
export async function openCocoKeypoints(
  root: string,
  annotationFile: string,
  options: CocoOptions = {},
): Promise<CocoDataset<CocoTarget>> {
  return openCoco('openCocoKeypoints', KEYPOINTS, root, annotationFile, options);
}

/**
 * Some five sentences for each image, by `captions_*.json`; the rest as openCocoDetection.
 * https://pytorch.org/vision/stable/generated/torchvision.datasets.CocoCaptions.html
 */
export async function openCocoCaptions(
  root: string,
  annotationFile: string,
  options: CocoOptions = {},
): Promise<CocoDataset<readonly string[]>> {
  return openCoco('openCocoCaptions', CAPTIONS, root, annotationFile, options);
}

async function openCoco<Item>(
  opener: string,
  kind: AnnotationKind<Item>,
  root: string,
  annotationFile: string,
  options: CocoOptions,
): Promise<CocoDataset<readonly Item[]>> {
  const { skipBad = false, allowLinks = false, cache } = options;
  const [folder, file] = [resolve(root), resolve(annotationFile)];
  await checkPlaces(folder, file);
  const { index, stamp } = await cachedCocoIndex(file, kind, cache);
  refuseFirst(index.bad, skipBad);
  const files = await openCocoImages(folder, { allowLinks });

  const images: CocoImage[] = [];
  const rows: number[] = [];
  const bad = [...index.bad];
  for (const [row, image] of index.images.entries()) {
    const reason = await files.refusal(image.fileName);
    if (reason === undefined) {
      images.push(image);
      rows.push(row);
      continue;
    }
    bad.push({ record: `${file}: images ${image.id}`, reason });
    refuseFirst(bad, skipBad);
  }
  const places = new Map(images.map(({ id }, place) => [id, place]));
  const categories = new Map(index.categories.map((category) => [category.id, category]));
  const name = `coco ${kind.name}`;
  return {
    name,
    count: images.length,
    classes: index.categories.map((category) => category.name),
    categories: index.categories,
    images,
    bad,
    source: { module: import.meta.url, export: opener, args: [folder, file, options] },
    indexOf: (imageId) => places.get(imageId) ?? -1,
    target,
    async get(i) {
      const [found, image] = [await target(i), await files.load(images[i]!.fileName)];
      const { id, fileName, width, height } = images[i]!;
      if (image.width === width && image.height === height) return { image, target: found };
      throw new FormatError(
        `${file}: images ${id}: ${fileName} is ${image.width} x ${image.height}, expected ${width} x ${height}`,
      );
    },
  };

  async function target(i: number): Promise<Item[]> {
    checkSampleIndex({ name, count: images.length }, i);
    await checkStamp(file, stamp);
    return annotationsOf(index, rows[i]!, (fields) => kind.parse(fields, images[i]!, categories), file);
  }
}

async function annotationsOf<Item>(
  { annotations: { offsets, lengths }, starts }: CocoIndex,
  row: number,
  parse: (fields: Readonly<Record<string, unknown>>) => Item,
  path: string,
): Promise<Item[]> {
  const [from, to] = [starts[row]!, starts[row + 1]!];
  if (from === to) return [];
  const spans = { count: to - from, offsets: offsets.subarray(from, to), lengths: lengths.subarray(from, to) };
  const items: Item[] = [];
  const file = await open(path);
  try {
    for await (const records of readRecords(file, 'annotations', spans)) {
      for (const record of records) items.push(parse(record.parse()));
    }
  } finally {
    await file.close();
  }
  return items;
}

function refuseFirst([first]: readonly BadRecord[], skipBad: boolean): void {
  if (first && !skipBad) throw new FormatError(`${first.record}: ${first.reason}`);
}

async function checkPlaces(root: string, annotationFile: string): Promise<void> {
  const [images, annotations] = await Promise.all(
    [root, annotationFile].map((path) => stat(path).catch(() => undefined)),
  );
  if (images && annotations?.isFile()) return;
  const missing = [...(images ? [] : [root]), ...(annotations?.isFile() ? [] : [annotationFile])];
  throw new DatasetNotFoundError(
    `coco: not found: ${missing.join(' and ')}. From http://images.cocodataset.org download and unpack\n` +
      '  zips/val2017.zip (0.8 GB) or zips/train2017.zip (18 GB): the folder of images, or the archive itself\n' +
      '  annotations/annotations_trainval2017.zip (0.24 GB): annotations/instances_val2017.json, captions_…, …',
  );
}
