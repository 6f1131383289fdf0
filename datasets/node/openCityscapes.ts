// Cityscapes: street scenes with a class, and for what can be counted an object, at each pixel.
import type { Dirent } from 'node:fs';
import { existsSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { checkSampleIndex } from '../checkSampleIndex.ts';
import { CITYSCAPES_CLASSES } from '../cityscapesClasses.ts';
import { byCodePoint } from '../codePointOrder.ts';
import type { BadRecord, ImageDataset, OpenOptions } from '../imageDataset.ts';
import type { Image } from '../images/image.ts';
import { DatasetNotFoundError } from './findDataset.ts';
import { insideFolder, type LinkChoice } from './folders/insideFolder.ts';
import { loadImage } from './loadImage.ts';
import { type CityscapesTargets, type CityscapesTargetType, readCityscapesTarget } from './readCityscapesTarget.ts';

/** One type gives its target, several an array of them in the same order. */
export type CityscapesTarget<T extends CityscapesTargetType | readonly CityscapesTargetType[]> =
  T extends CityscapesTargetType
    ? CityscapesTargets[T]
    : T extends readonly [infer Only extends CityscapesTargetType]
      ? CityscapesTargets[Only]
      : { [K in keyof T]: T[K] extends CityscapesTargetType ? CityscapesTargets[T[K]] : never };

export interface CityscapesOptions<T extends CityscapesTargetType | readonly CityscapesTargetType[]>
  extends OpenOptions,
    LinkChoice {
  /** `fine`: train (default), val, test; `coarse`: train, train_extra, val. */
  readonly split?: 'train' | 'train_extra' | 'val' | 'test';
  /** Annotated finely (default) or coarsely: `gtFine` or `gtCoarse`. */
  readonly mode?: 'fine' | 'coarse';
  /** Default `instance`, as torchvision. */
  readonly targetType?: T;
}

export interface Cityscapes<Target> extends ImageDataset<Target> {
  /** Where a sample's image is. */
  path(index: number): string;
}

const SPLITS = { fine: ['train', 'val', 'test'], coarse: ['train', 'train_extra', 'val'] } as const;
const SUFFIX: Readonly<Record<CityscapesTargetType, string>> = {
  instance: 'instanceIds.png',
  semantic: 'labelIds.png',
  semanticTrainIds: 'labelTrainIds.png',
  polygon: 'polygons.json',
  color: 'color.png',
};
const IMAGE = '_leftImg8bit.png';

/**
 * Cityscapes as torchvision.datasets.Cityscapes: `root/leftImg8bit/<split>/<city>/*_leftImg8bit.png` with
 * `root/gtFine/<split>/<city>/*_gtFine_*`, by city and file name (torchvision: in the order of the disk). Images and
 * targets are read when they are asked for; `classes` are the names of `CITYSCAPES_CLASSES`.
 * https://pytorch.org/vision/0.14/generated/torchvision.datasets.Cityscapes.html
 * @param options.skipBad leaves out images without a target and targets without an image, and lists them in `bad`
 * @throws DatasetNotFoundError saying which files to get; FormatError naming the file, and the pixel or polygon
 */
export async function openCityscapes<
  const T extends CityscapesTargetType | readonly CityscapesTargetType[] = 'instance',
>(root: string, options: CityscapesOptions<T> = {}): Promise<Cityscapes<CityscapesTarget<T>>> {
  const { split = 'train', mode = 'fine', targetType = 'instance', skipBad = false, allowLinks = false } = options;
  const splits: readonly string[] | undefined = Object.hasOwn(SPLITS, mode) ? SPLITS[mode] : undefined;
  if (!splits) throw new ShapeError(`openCityscapes: mode is fine or coarse, given '${mode}'`);
  if (!splits.includes(split)) {
    throw new ShapeError(`openCityscapes: split is ${splits.join(', ')} in mode ${mode}, given '${split}'`);
  }
  const types: readonly CityscapesTargetType[] = typeof targetType === 'string' ? [targetType] : targetType;
  const unknown = types.find((type) => !Object.hasOwn(SUFFIX, type));
  if (unknown !== undefined || types.length === 0) {
    throw new ShapeError(`openCityscapes: targetType is ${Object.keys(SUFFIX).join(', ')}, given '${unknown ?? '[]'}'`);
  }
  const truth = mode === 'fine' ? 'gtFine' : 'gtCoarse';
  for (const folder of ['leftImg8bit', truth]) {
    if (!existsSync(join(root, folder, split))) throw notFound(root, { folder, split, truth });
  }
  const base = await realpath(root);
  const scenes: Scenes = { base, truth, split, types, allowLinks };
  const { stems, bad } = await listScenes(scenes, skipBad);
  if (stems.length === 0) throw notFound(root, { folder: 'leftImg8bit', split, truth });
  const [name, count] = ['cityscapes', stems.length];
  const imageOf = (index: number): string => {
    checkSampleIndex({ name, count }, index);
    return `leftImg8bit/${split}/${stems[index]}${IMAGE}`;
  };
  return {
    name,
    count,
    bad,
    classes: CITYSCAPES_CLASSES.map((each) => each.name),
    source: { module: import.meta.url, export: 'openCityscapes', args: [resolve(root), options] },
    path: (index) => join(base, imageOf(index)),
    async get(index) {
      const path = await insideFolder(base, imageOf(index), { allowLinks });
      const image = await loadImage(path, { orient: false, channels: 3 });
      const targets: CityscapesTargets[CityscapesTargetType][] = [];
      for (const type of types) {
        const file = await insideFolder(base, targetFile(scenes, stems[index]!, type), { allowLinks });
        targets.push(checkSize(await readCityscapesTarget(type, file), file, image));
      }
      return { image, target: (targets.length > 1 ? targets : targets[0]) as CityscapesTarget<T> };
    },
  };
}

interface Scenes {
  readonly base: string;
  readonly truth: 'gtFine' | 'gtCoarse';
  readonly split: string;
  readonly types: readonly CityscapesTargetType[];
  readonly allowLinks: boolean;
}

function targetFile({ truth, split }: Scenes, stem: string, type: CityscapesTargetType): string {
  return `${truth}/${split}/${stem}_${truth}_${SUFFIX[type]}`;
}

/** `<city>/<scene>` of all images with their targets. */
async function listScenes(
  scenes: Scenes,
  skipBad: boolean,
): Promise<{ stems: readonly string[]; bad: readonly BadRecord[] }> {
  const { base, truth, split, types } = scenes;
  const bad: BadRecord[] = [];
  const report = (file: string, reason: string): void => {
    const record = join(base, file);
    if (!skipBad) throw new FormatError(`${record}: ${reason}`);
    bad.push({ record, reason });
  };
  const images = await filesOf(`leftImg8bit/${split}`);
  const targets = await filesOf(`${truth}/${split}`);
  const stems: string[] = [];
  for (const image of images) {
    if (!image.endsWith(IMAGE)) continue;
    const stem = image.slice(0, -IMAGE.length);
    const missing = types.map((type) => targetFile(scenes, stem, type)).filter((file) => !targets.has(pathIn(file)));
    if (missing.length === 0) stems.push(stem);
    else report(missing[0]!, `is missing${hint(stem, missing[0]!)}`);
  }
  const known = new Set(stems);
  for (const type of types) {
    const ending = `_${truth}_${SUFFIX[type]}`;
    for (const target of targets) {
      const stem = target.slice(0, -ending.length);
      const image = `leftImg8bit/${split}/${stem}${IMAGE}`;
      if (target.endsWith(ending) && !known.has(stem) && !images.has(`${stem}${IMAGE}`)) {
        report(`${truth}/${split}/${target}`, `its image ${image} is missing`);
      }
    }
  }
  return { stems, bad };

  /** `<city>/<file>` of all files two levels down, in order. */
  async function filesOf(folder: string): Promise<Set<string>> {
    const files: string[] = [];
    for (const city of await namesIn(folder, (entry) => entry.isDirectory() || entry.isSymbolicLink())) {
      for (const file of await namesIn(`${folder}/${city}`, (entry) => !entry.isDirectory()))
        files.push(`${city}/${file}`);
    }
    return new Set(files);
  }

  async function namesIn(folder: string, takes: (entry: Dirent) => boolean): Promise<string[]> {
    const path = await insideFolder(base, folder, scenes);
    const entries = (await readdir(path, { withFileTypes: true })).filter(takes).map((entry) => entry.name);
    return entries.filter((entry) => !entry.startsWith('.')).sort(byCodePoint);
  }

  function pathIn(file: string): string {
    return file.slice(`${truth}/${split}/`.length);
  }

  function hint(stem: string, missing: string): string {
    const trainIds = targetFile(scenes, stem, 'semanticTrainIds');
    const isOther = missing.endsWith(SUFFIX.semantic) && targets.has(pathIn(trainIds));
    return isOther ? `; ${trainIds} is there: targetType 'semanticTrainIds' reads it` : '';
  }
}

function checkSize<Target extends CityscapesTargets[CityscapesTargetType]>(
  target: Target,
  path: string,
  image: Image,
): Target {
  const [width, height] = 'objects' in target ? [target.imgWidth, target.imgHeight] : [target.width, target.height];
  if (width === image.width && height === image.height) return target;
  throw new FormatError(`${path}: found ${width}x${height} pixels, but its image has ${image.width}x${image.height}`);
}

function notFound(
  root: string,
  { folder, split, truth }: { folder: string; split: string; truth: 'gtFine' | 'gtCoarse' },
): DatasetNotFoundError {
  const archives = [
    split === 'train_extra' ? 'leftImg8bit_trainextra.zip' : 'leftImg8bit_trainvaltest.zip',
    truth === 'gtFine' ? 'gtFine_trainvaltest.zip' : 'gtCoarse.zip',
  ];
  const present = archives.filter((archive) => existsSync(join(root, archive)));
  const found = present.length > 0 ? ` (${present.join(' and ')} is there, still packed)` : '';
  return new DatasetNotFoundError(
    `cityscapes: found no images of ${split} in ${join(root, folder, split)}. Cityscapes cannot be downloaded without an ` +
      `account: register at https://www.cityscapes-dataset.com/downloads/ and unpack ${archives.join(' and ')} in ` +
      `${root}${found}`,
  );
}
