// ImageNet, the 1000 classes of ILSVRC2012.
import { existsSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { checkSampleIndex } from '../checkSampleIndex.ts';
import type { BadRecord, ImageDataset, OpenOptions } from '../imageDataset.ts';
import { type ImageNetClasses, isWnid, readGroundTruth } from '../imagenetDevkit.ts';
import { DatasetNotFoundError } from './findDataset.ts';
import { labelsOf, pathOf } from './folders/folderIndex.ts';
import { type CacheChoice, indexFolder } from './folders/indexFolder.ts';
import { insideFolder, type LinkChoice } from './folders/insideFolder.ts';
import { DEVKIT, type Devkit, readDevkit } from './imagenet/readDevkit.ts';
import { loadImage } from './loadImage.ts';
import { IMAGE_EXTENSIONS, refuse } from './openImageFolder.ts';

export interface ImageNetOptions extends OpenOptions, CacheChoice, LinkChoice {
  /** The 1,281,167 training images (default) or the 50,000 of the validation. */
  readonly split?: 'train' | 'val';
}

export interface ImageNet extends ImageDataset<number> {
  /** WordNet id of each class: `wnids[251]` is `n02110341`. */
  readonly wnids: readonly string[];
  /** Synonyms of each class (torchvision's `classes`), the first of which is its name. */
  readonly words: readonly (readonly string[])[];
  /** Class index by WordNet id, and by each of the synonyms; of two classes with the same name the later. */
  readonly wnidToIdx: ReadonlyMap<string, number>;
  readonly classToIdx: ReadonlyMap<string, number>;
  /** Where a sample's file is. */
  path(index: number): string;
}

/**
 * ILSVRC2012 as torchvision.datasets.ImageNet places it, `root/train/<wnid>/*.JPEG` and `root/val/<wnid>/*.JPEG`, or
 * with the validation images in `root/val/` as they come, whose classes are then the kit's ground truth. Images are read
 * as RGB when they are asked for. https://image-net.org/challenges/LSVRC/2012/
 *
 * With the development kit (`root/ILSVRC2012_devkit_t12/` or `.tar.gz`, read without unpacking) classes have names, and
 * indices are those of all 1000 classes even where only some of the folders are there. Without it the folders that are
 * there are the classes, by wnid; with all 1000 that is the same.
 * @param options.skipBad leaves out what is not ILSVRC2012's: see `bad`
 * @throws DatasetNotFoundError saying which files to get; FormatError naming file and record
 */
export async function openImageNet(root: string, options: ImageNetOptions = {}): Promise<ImageNet> {
  const { split = 'train', skipBad = false, allowLinks = false } = options;
  if (split !== 'train' && split !== 'val')
    throw new ShapeError(`openImageNet: split is train or val, given '${split}'`);
  const folder = join(root, split);
  if (!existsSync(folder)) throw new DatasetNotFoundError(`imagenet: ${folder} does not exist. ${byHand(root)}`);
  const devkit = await readDevkit(root);
  const names = split === 'val' ? (await readdir(folder)).filter((entry) => !entry.startsWith('.')) : [];
  const isFlat = names.some((entry) => VAL_IMAGE.test(entry)) && !names.some(isWnid);
  const found = isFlat ? await listFlat(folder, { names, devkit, skipBad }) : await listTree(folder, devkit, options);
  const { wnids, words, labels, bad, base } = found;
  const [name, count] = ['imagenet', labels.length];
  const path = (index: number): string => {
    checkSampleIndex({ name, count }, index);
    return found.path(index);
  };
  return {
    name,
    count,
    labels,
    bad,
    wnids,
    words,
    classes: words.map(([first]) => first!),
    wnidToIdx: new Map(wnids.map((wnid, i) => [wnid, i])),
    classToIdx: new Map(words.flatMap((synonyms, i) => synonyms.map((word) => [word, i] as const))),
    source: { module: import.meta.url, export: 'openImageNet', args: [resolve(root), options] },
    path: (index) => join(base, path(index)),
    async get(index) {
      const file = await insideFolder(base, path(index), { allowLinks });
      return { image: await loadImage(file, { orient: false, channels: 3 }), target: labels[index]! };
    },
  };
}

interface Found extends Pick<ImageNetClasses, 'wnids' | 'words'> {
  /** The folder of the split, without links; `path` is relative to it. */
  readonly base: string;
  readonly labels: Uint32Array;
  readonly bad: readonly BadRecord[];
  path(index: number): string;
}

async function listTree(
  folder: string,
  devkit: Devkit | undefined,
  { skipBad = false, allowLinks = false, cache }: ImageNetOptions,
): Promise<Found> {
  const index = await indexFolder(folder, {
    extensions: IMAGE_EXTENSIONS,
    allowLinks,
    ...(cache !== undefined && { cache }),
  });
  const bad = [...refuse(index, { extensions: IMAGE_EXTENSIONS, allowEmpty: false, skipBad })];
  const wnids = devkit?.wnids ?? index.classes.filter(isWnid);
  const indexOf = new Map(wnids.map((wnid, i) => [wnid, i]));
  const expected = devkit ? `one of the ${wnids.length} classes of ${DEVKIT}` : 'a WordNet id such as n02110341';
  for (const strange of index.classes.filter((each) => !indexOf.has(each))) {
    const record = join(folder, strange);
    if (!skipBad) throw new FormatError(`${record}: found a folder ${strange}, expected ${expected}`);
    bad.push({ record, reason: `is not named for ${expected}` });
  }
  const folderLabels = labelsOf(index);
  const labelOf = (i: number): number | undefined => indexOf.get(index.classes[folderLabels[i]!]!);
  const kept = Uint32Array.from(folderLabels.keys()).filter((i) => labelOf(i) !== undefined);
  return {
    wnids,
    words: devkit?.words ?? wnids.map((wnid) => [wnid]),
    base: index.root,
    labels: kept.map((i) => labelOf(i)!),
    bad,
    path: (i) => pathOf(index, kept[i]!),
  };
}

/** The number of a validation image is the line of its class in the ground truth. */
const VAL_IMAGE = /^ILSVRC2012_val_(\d{8})\.JPEG$/;

async function listFlat(
  folder: string,
  { names, devkit, skipBad }: { names: readonly string[]; devkit: Devkit | undefined; skipBad: boolean },
): Promise<Found> {
  if (!devkit) {
    throw new DatasetNotFoundError(
      `imagenet: ${folder} has images without class folders, so ${ARCHIVES.devkit} is needed. ${byHand(join(folder, '..'))}`,
    );
  }
  const { wnids, words, groundTruth } = devkit;
  const truth = readGroundTruth(groundTruth, devkit, { skipBad });
  const bad = [...truth.bad];
  const report = (record: string, reason: string): void => {
    if (!skipBad) throw new FormatError(`${record}: ${reason}`);
    bad.push({ record, reason });
  };
  const present = new Uint8Array(truth.labels.length);
  for (const entry of names) {
    const number = Number(VAL_IMAGE.exec(entry)?.[1] ?? Number.NaN);
    if (number >= 1 && number <= present.length) present[number - 1] = 1;
    else if (entry.endsWith('.JPEG')) {
      report(join(folder, entry), `expected ILSVRC2012_val_00000001.JPEG to ${imageName(present.length)}`);
    }
  }
  for (const [i, isPresent] of present.entries()) {
    if (!isPresent) report(`${groundTruth.name}, line ${i + 1}`, `${join(folder, imageName(i + 1))} is missing`);
  }
  const kept = Uint32Array.from(present.keys()).filter((i) => present[i] && truth.labels[i]! >= 0);
  return {
    wnids,
    words,
    base: await realpath(folder),
    labels: kept.map((i) => truth.labels[i]!),
    bad,
    path: (i) => imageName(kept[i]! + 1),
  };
}

function imageName(number: number): string {
  return `ILSVRC2012_val_${String(number).padStart(8, '0')}.JPEG`;
}

const ARCHIVES = {
  train: 'ILSVRC2012_img_train.tar (md5 1d675b47d978889d74fa0da5fadfb00e)',
  val: 'ILSVRC2012_img_val.tar (md5 29b22e2961454d5413ddabcf34fc5622)',
  devkit: `${DEVKIT}.tar.gz (md5 fa75699e90414af021442c21a62c3abf)`,
} as const;

function byHand(root: string): string {
  return (
    'ImageNet cannot be downloaded without an account: register at https://image-net.org/download-images, then ' +
    `put ${ARCHIVES.devkit} into ${root}, unpack ${ARCHIVES.train} to ${join(root, 'train')} and in it each archive ` +
    `<wnid>.tar to a folder <wnid>, and unpack ${ARCHIVES.val} to ${join(root, 'val')}`
  );
}
