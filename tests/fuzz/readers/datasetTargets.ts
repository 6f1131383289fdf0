// Readers of data sets' files.
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CELEBA_TABLES, readCelebATable } from '../../../datasets/celeba.ts';
import { readCifar10Files, readCifar100File } from '../../../datasets/cifar.ts';
import { pickledFile } from '../../../datasets/cifarPickle.ts';
import { readCityscapesPolygons } from '../../../datasets/cityscapesPolygons.ts';
import type { CocoAnnotation } from '../../../datasets/coco/annotation.ts';
import { type AnnotationKind, CAPTIONS, DETECTION, KEYPOINTS } from '../../../datasets/coco/annotationKinds.ts';
import { rleToMask } from '../../../datasets/coco/rle.ts';
import { rleFromString } from '../../../datasets/coco/rleString.ts';
import { parseSegmentation, segmentationToRle } from '../../../datasets/coco/segmentation.ts';
import { parseImage } from '../../../datasets/coco/tables.ts';
import { readIdx } from '../../../datasets/idx.ts';
import { imagenetClasses, readGroundTruth } from '../../../datasets/imagenetDevkit.ts';
import { readTarGz } from '../../../datasets/node/archiveTarGz.ts';
import { readZip } from '../../../datasets/node/archiveZip.ts';
import { buildCocoIndex } from '../../../datasets/node/coco/cocoIndex.ts';
import { readRecords } from '../../../datasets/node/coco/readRecords.ts';
import { openZipFolder } from '../../../datasets/node/folders/openZipFolder.ts';
import { readMat } from '../../../datasets/node/imagenet/matFile.ts';
import { FormatError, ShapeError } from '../../../kernels/errors.ts';
import { idxBytes, idxHeader } from '../../datasets/idxFile.ts';
import { zipBytes } from '../../datasets/zipFile.ts';
import { mutateJson } from './mutate/json.ts';
import { mutateGzip, mutateMat, mutateTar } from './mutate/packed.ts';
import { mutatePickle } from './mutate/pickle.ts';
import { mutateText } from './mutate/text.ts';
import { mutateZip } from './mutate/zip.ts';
import { corpusFiles, fixtureFiles } from './seeds.ts';
import { MIB, type Target } from './target.ts';

const common = { refusals: [FormatError], bound: { base: 64 * MIB, perByte: 64 } };
const MAX_ENTRY_BYTES = 2 ** 20;
const idxFiles = () => [
  idxBytes([3, 4, 5]),
  idxBytes([20]),
  ...[9, 11, 12, 13, 14].map((dtype) => Uint8Array.from([...idxHeader(dtype, [2, 3]), ...new Uint8Array(48)])),
];
const wordsOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const datasetTargets: readonly Target[] = [
  {
    name: 'idx',
    seeds: idxFiles,
    mutators: [],
    read: (bytes) => readIdx({ name: 'a.idx', bytes }),
    ...common,
    share: 8,
  },
  {
    name: 'idx gz',
    seeds: () => idxFiles().map((bytes) => Uint8Array.from(gzipSync(bytes))),
    mutators: [mutateGzip(), mutateGzip()],
    read: (bytes) => readIdx({ name: 'a.idx.gz', bytes }),
    ...common,
    bound: { base: 64 * MIB, perByte: 2200 }, // deflate packs up to 1032 times, and is read twice
    share: 2,
  },
  {
    name: 'cifar binary',
    seeds: () => [1, 2].map((labels) => Uint8Array.from({ length: (labels + 3072) * 2 }, (_, i) => i % 10)),
    mutators: [],
    read: (bytes) => {
      const file = { name: 'a.bin', bytes };
      if (bytes.length % 3074 === 0) return readCifar100File(file, { labels: 'coarse' });
      return readCifar10Files([file], { skipBad: bytes.length % 2 === 0 });
    },
    ...common,
    share: 4,
  },
  {
    name: 'cifar pickle',
    seeds: () => fixtureFiles('cifarPickles', /^python3/),
    mutators: [mutatePickle, mutatePickle],
    read: (bytes) => pickledFile({ name: 'data_batch_1', bytes }, ['labels']),
    ...common,
    share: 4,
  },
  {
    name: 'matlab',
    seeds: () => fixtureFiles('imagenet', /^small\.mat$/),
    mutators: [mutateMat, mutateMat],
    read: (bytes) => readMat({ name: 'meta.mat', bytes }),
    ...common,
    bound: { base: 128 * MIB, perByte: 64 }, // 8 MiB inflated, and numbers of 8 bytes made of bytes
    share: 2,
  },
  {
    name: 'imagenet ground truth',
    seeds: () => [wordsOf('2\n1\n2\n1\n'), wordsOf('1\r\n2\r\n')],
    mutators: [mutateText, mutateText],
    read: (bytes) => readGroundTruth({ name: 'truth.txt', bytes }, classes, { skipBad: bytes.length % 2 === 0 }),
    ...common,
    share: 4,
  },
  {
    name: 'celeba tables',
    seeds: () => fixtureFiles('folders/celeba', /\.txt$/),
    mutators: [mutateText, mutateText, mutateText],
    read: (bytes) => {
      const [skipBad, lines] = [bytes.length % 2 === 0, new TextDecoder().decode(bytes.subarray(0, 2000)).split('\n')];
      const width = lines.at(2)?.trim().split(/\s+/).length ?? 0; // each file has another
      const { identity, ...tables } = CELEBA_TABLES;
      const kind = Object.values(tables).find(({ columns }) => columns + 1 === width) ?? identity;
      readCelebATable({ name: kind.file, bytes }, kind, { skipBad });
    },
    ...common,
    share: 6,
  },
  {
    name: 'cityscapes polygons',
    seeds: () => fixtureFiles('folders/cityscapes/gtFine/train/aachen', /polygons\.json$/),
    mutators: [mutateJson, mutateJson, mutateJson],
    read: (bytes) => readCityscapesPolygons({ name: 'a_polygons.json', bytes }),
    ...common,
    share: 6,
  },
  ...(
    [
      ['instances', DETECTION],
      ['keypoints', KEYPOINTS],
      ['captions', CAPTIONS],
    ] as const
  ).map(
    ([name, kind]): Target => ({
      name: `coco ${name}`,
      seeds: () => corpusFiles(`coco-${name}`),
      mutators: [mutateJson, mutateJson, mutateJson],
      read: (bytes, folder) => readCoco(bytes, { folder, kind: kind as AnnotationKind<CocoAnnotation | string> }),
      refusals: [FormatError],
      bound: { base: 128 * MIB, perByte: 64 },
      share: 1,
    }),
  ),
  {
    name: 'coco segmentation',
    seeds: () => corpusFiles('segmentation'),
    mutators: [mutateJson, mutateJson, mutateJson],
    read: (bytes) => {
      const value = parsedJson(bytes);
      const size = { height: 20, width: 30 };
      rleToMask(segmentationToRle(parseSegmentation(value, size), size));
    },
    refusals: [FormatError, ShapeError],
    bound: { base: 256 * MIB, perByte: 64 }, // an outline of 2^22 fine steps
    share: 4,
  },
  {
    name: 'coco run lengths',
    seeds: () => [wordsOf('d4d4d4'), wordsOf('PPYo1'), wordsOf('0hb0'), wordsOf('d>d1NO1')],
    mutators: [],
    read: (bytes) => rleFromString(new TextDecoder('latin1').decode(bytes), { height: 20, width: 30 }),
    ...common,
    share: 8,
  },
  {
    name: 'zip of files',
    seeds: () => [
      ...fixtureFiles('cocoArchive', /\.zip$/),
      zipBytes([
        ['a/1.txt', wordsOf('one')],
        ['a/2.txt', wordsOf('two'.repeat(100))],
      ]),
      zipBytes([['a/1.txt', wordsOf('one'.repeat(100))]], { size: 300 }),
    ],
    mutators: [mutateZip(), mutateZip()],
    read: async (bytes, folder) => {
      const path = join(folder, 'a.zip');
      writeFileSync(path, bytes);
      await readZip(path, (name) => name, { maxEntryBytes: MAX_ENTRY_BYTES });
    },
    ...common,
    share: 1,
  },
  {
    name: 'zip of pictures',
    seeds: () => [
      ...fixtureFiles('cocoArchive', /\.zip$/),
      zipBytes([
        ['val2017/1.txt', wordsOf('one')],
        ['val2017/2.txt', wordsOf('two'.repeat(100))],
      ]),
      zipBytes([['val2017/1.txt', wordsOf('one'.repeat(100))]], { size: 300 }),
    ],
    mutators: [mutateZip(), mutateZip()],
    read: async (bytes, folder) => {
      const path = join(folder, 'val2017.zip');
      writeFileSync(path, bytes);
      const archive = await openZipFolder(path, 'val2017', { maxBytes: MAX_ENTRY_BYTES });
      for (const name of archive.names) await archive.read(name);
    },
    ...common,
    share: 1,
  },
  {
    name: 'tar gz',
    seeds: () => fixtureFiles('cifarPickles', /\.tar\.gz$/),
    mutators: [mutateGzip(mutateTar), mutateGzip(mutateTar), mutateGzip()],
    read: async (bytes, folder) => {
      const path = join(folder, 'a.tar.gz');
      writeFileSync(path, bytes);
      await readTarGz(path, (name) => (name.endsWith('/') ? undefined : name), {
        maxEntryBytes: MAX_ENTRY_BYTES,
        maxBytes: 2 ** 22,
      });
    },
    ...common,
    share: 1,
  },
];

const classes = imagenetClasses('meta.mat', [
  { id: 1, wnid: 'n00000001', words: 'cat', numChildren: 0 },
  { id: 2, wnid: 'n00000002', words: 'dog', numChildren: 0 },
]);

/** Its index, and then every annotation that the index holds, with its mask. */
async function readCoco(
  bytes: Uint8Array,
  { folder, kind }: { folder: string; kind: AnnotationKind<CocoAnnotation | string> },
): Promise<void> {
  const path = join(folder, 'annotations.json');
  writeFileSync(path, bytes);
  const { annotations, images, categories, starts } = await buildCocoIndex(path, kind);
  const byId = new Map(categories.map((category) => [category.id, category]));
  const file = await open(path);
  try {
    let row = 0;
    let at = 0;
    for await (const records of readRecords(file, 'annotations', annotations)) {
      for (const record of records) {
        while (starts[row + 1]! <= at) row++;
        const image = parseImage({ ...images[row], file_name: images[row]!.fileName });
        const item = kind.parse(record.parse(), image, byId);
        if (typeof item !== 'string' && item.segmentation) segmentationToRle(item.segmentation, image);
        at++;
      }
    }
  } finally {
    await file.close();
  }
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new FormatError('no JSON', { cause }); // whoever parses a record says so
  }
}
