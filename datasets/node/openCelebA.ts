// CelebA: 202,599 faces with 40 attributes, an identity, a box and five landmarks.
import { existsSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { CELEBA_TABLES, type CelebATable, readCelebATable } from '../celeba.ts';
import { checkSampleIndex } from '../checkSampleIndex.ts';
import type { BadRecord, ImageDataset, OpenOptions } from '../imageDataset.ts';
import type { Image } from '../images/image.ts';
import { decodeImage } from './decodeImage.ts';
import { DatasetNotFoundError } from './findDataset.ts';
import { insideFolder, type LinkChoice } from './folders/insideFolder.ts';
import { openZipFolder } from './folders/openZipFolder.ts';
import { loadImage } from './loadImage.ts';
import { readBounded } from './readBounded.ts';

/** What a sample's target can be. */
export interface CelebATargets {
  /** 1 where the attribute is there, else 0, in the order of `attributes`: [40]. */
  readonly attr: Uint8Array;
  /** Number of the person, from 1. */
  readonly identity: number;
  /** x, y, width, height, of the picture before it was aligned: [4]. */
  readonly bbox: Int32Array;
  /** x and y of the left eye, right eye, nose, left and right corner of the mouth: [10]. */
  readonly landmarks: Int32Array;
}

export type CelebATargetType = keyof CelebATargets;

/** One type gives its target, several an array of them in the same order, none null. */
export type CelebATarget<T extends CelebATargetType | readonly CelebATargetType[]> = T extends CelebATargetType
  ? CelebATargets[T]
  : T extends readonly []
    ? null
    : T extends readonly [infer Only extends CelebATargetType]
      ? CelebATargets[Only]
      : { [K in keyof T]: T[K] extends CelebATargetType ? CelebATargets[T[K]] : never };

export interface CelebAOptions<T extends CelebATargetType | readonly CelebATargetType[]>
  extends OpenOptions,
    LinkChoice {
  /** 162,770 training images (default), 19,867 of validation, 19,962 of test, or all. */
  readonly split?: 'train' | 'valid' | 'test' | 'all';
  /** Default `attr`. */
  readonly targetType?: T;
}

export interface CelebA<Target> extends ImageDataset<Target> {
  /** Names of the 40 attributes; empty where they are no target. */
  readonly attributes: readonly string[];
  /** File name of a sample's image. */
  file(index: number): string;
}

const SPLITS = { train: 0, valid: 1, test: 2, all: undefined } as const;
const TYPES = ['attr', 'identity', 'bbox', 'landmarks'] as const;
const IMAGES = 'img_align_celeba';

/** The largest list, of the attributes, has 27 MB. */
const MAX_TABLE_BYTES = 2 ** 28;
const MAX_IMAGE_BYTES = 2 ** 27;

/**
 * CelebA as torchvision.datasets.CelebA, aligned and cropped images of 218x178, read as RGB when they are asked for,
 * from `img_align_celeba/` or, without unpacking, from `img_align_celeba.zip`. Rows are joined by file name. Only the
 * lists that the targets need are read. https://pytorch.org/vision/0.14/generated/torchvision.datasets.CelebA.html
 * @param root the folder of the lists and images, or the one above it, `celeba`
 * @param options.skipBad leaves out pictures with a bad row, without a row, or missing, and lists them in `bad`
 * @throws DatasetNotFoundError saying which files to get; FormatError naming file and line
 */
export async function openCelebA<const T extends CelebATargetType | readonly CelebATargetType[] = 'attr'>(
  root: string,
  options: CelebAOptions<T> = {},
): Promise<CelebA<CelebATarget<T>>> {
  const { split = 'train', targetType = 'attr', skipBad = false, allowLinks = false } = options;
  if (!Object.hasOwn(SPLITS, split)) {
    throw new ShapeError(`openCelebA: split is ${Object.keys(SPLITS).join(', ')}, given '${split}'`);
  }
  const types: readonly CelebATargetType[] = typeof targetType === 'string' ? [targetType] : targetType;
  const unknown = types.find((type) => !TYPES.includes(type));
  if (unknown !== undefined) throw new ShapeError(`openCelebA: targetType is ${TYPES.join(', ')}, given '${unknown}'`);
  const folder = await findCelebA(root, types);
  const bad: BadRecord[] = [];
  const read = async (kind: keyof typeof CELEBA_TABLES): Promise<CelebATable> => {
    const file = await insideFolder(folder, CELEBA_TABLES[kind].file, { allowLinks });
    const table = readCelebATable(await readBounded(file, MAX_TABLE_BYTES), CELEBA_TABLES[kind], { skipBad });
    bad.push(...table.bad);
    return table;
  };
  const partition = await read('partition');
  const tables = new Map<CelebATargetType, CelebATable>();
  for (const type of types) if (!tables.has(type)) tables.set(type, await read(type));
  const images = await openImages(folder, allowLinks);
  const report = (record: string, reason: string): void => {
    if (!skipBad) throw new FormatError(`${record}: ${reason}`);
    bad.push({ record, reason });
  };
  for (const [type, { names }] of tables) {
    const stranger = names.find((each) => !partition.rows.has(each));
    const list = join(folder, CELEBA_TABLES[type].file);
    if (stranger) report(`${list}, ${stranger}`, `has no row in ${CELEBA_TABLES.partition.file}`);
  }
  const chosen = partition.names.filter((_, row) => split === 'all' || partition.values[row] === SPLITS[split]);
  const names = chosen.filter((each) => {
    const lacking = types.find((type) => !tables.get(type)!.rows.has(each));
    if (!lacking && images.names.has(each)) return true;
    const reason = lacking ? `has no row in ${CELEBA_TABLES[lacking].file}` : `${images.where}/${each} is missing`;
    report(`${join(folder, CELEBA_TABLES.partition.file)}, ${each}`, reason);
    return false;
  });
  const [name, count] = ['celeba', names.length];
  return {
    name,
    count,
    bad,
    classes: [],
    attributes: tables.get('attr')?.header ?? [],
    source: { module: import.meta.url, export: 'openCelebA', args: [resolve(root), options] },
    file(index) {
      checkSampleIndex({ name, count }, index);
      return names[index]!;
    },
    async get(index) {
      checkSampleIndex({ name, count }, index);
      const file = names[index]!;
      const targets = types.map((type) => targetOf(type, tables.get(type)!, file));
      const target = targets.length > 1 ? targets : (targets[0] ?? null);
      return { image: await images.load(file), target: target as CelebATarget<T> };
    },
  };
}

/** The folder of the lists, without links. */
async function findCelebA(root: string, types: readonly CelebATargetType[]): Promise<string> {
  const lists = (['partition', ...types] as const).map((kind) => CELEBA_TABLES[kind].file);
  const looked = [join(root, 'celeba'), root];
  const folder = looked.find((each) => existsSync(join(each, CELEBA_TABLES.partition.file)));
  const missing = lists.filter((file) => !folder || !existsSync(join(folder, file)));
  if (folder && !existsSync(join(folder, IMAGES)) && !existsSync(join(folder, `${IMAGES}.zip`)))
    missing.push(`${IMAGES}.zip`);
  if (folder && missing.length === 0) return realpath(folder);
  const wanted = [...new Set(missing)].map((file) => `  ${file} (md5 ${MD5[file]![0]}) ${DRIVE}${MD5[file]![1]}`);
  throw new DatasetNotFoundError(
    `celeba: found no ${missing[0]} in ${folder ?? looked.join(' or ')}. CelebA is published on Google Drive, which has ` +
      `to be asked by hand; place into ${folder ?? looked[0]}\n${wanted.join('\n')}`,
  );
}

const DRIVE = 'https://drive.google.com/uc?id=';

/** MD5 and Google Drive's id of each file, as torchvision 0.14 lists them. */
const MD5: Readonly<Record<string, readonly [md5: string, id: string]>> = {
  [`${IMAGES}.zip`]: ['00d2c5bc6d35e252742224ab0c1e8fcb', '0B7EVK8r0v71pZjFTYXZWM3FlRnM'],
  'list_attr_celeba.txt': ['75e246fa4810816ffd6ee81facbd244c', '0B7EVK8r0v71pblRyaVFSWGxPY0U'],
  'identity_CelebA.txt': ['32bd1bd63d3c78cd57e08160ec5ed1e2', '1_ee_0u7vcNLOfNLegJRHmolfH5ICW-XS'],
  'list_bbox_celeba.txt': ['00566efa6fedff7a56946cd1c10f1c16', '0B7EVK8r0v71pbThiMVRxWXZ4dU0'],
  'list_landmarks_align_celeba.txt': ['cc24ecafdb5b50baae59b03474781f8c', '0B7EVK8r0v71pd0FJY3Blby1HUTQ'],
  'list_eval_partition.txt': ['d32c9cbf5e040fd4025c592c306e6668', '0B7EVK8r0v71pY0NSMzRuSXJEVkk'],
};

interface Images {
  /** For messages. */
  readonly where: string;
  readonly names: ReadonlySet<string>;
  load(name: string): Promise<Image>;
}

async function openImages(folder: string, allowLinks: boolean): Promise<Images> {
  const decoding = { orient: false, channels: 3 } as const;
  const where = join(folder, IMAGES);
  if (existsSync(where)) {
    const names = new Set(await readdir(await insideFolder(folder, IMAGES, { allowLinks })));
    const load = async (name: string): Promise<Image> =>
      loadImage(await insideFolder(folder, `${IMAGES}/${name}`, { allowLinks }), decoding);
    return { where, names, load };
  }
  const archive = await insideFolder(folder, `${IMAGES}.zip`, { allowLinks });
  const zip = await openZipFolder(archive, IMAGES, { maxBytes: MAX_IMAGE_BYTES });
  const load = async (name: string): Promise<Image> => {
    const { name: path, bytes } = await zip.read(name);
    return decodeImage(bytes, { ...decoding, name: path });
  };
  return { where: `${archive}/${IMAGES}`, names: zip.names, load };
}

function targetOf(
  type: CelebATargetType,
  { rows, values }: CelebATable,
  file: string,
): CelebATargets[CelebATargetType] {
  const { columns } = CELEBA_TABLES[type];
  const at = rows.get(file)! * columns;
  if (type === 'identity') return values[at]!;
  const row = values.slice(at, at + columns);
  return type === 'attr' ? Uint8Array.from(row, (value) => Number(value === 1)) : row;
}
