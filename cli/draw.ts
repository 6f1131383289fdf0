// `wgrad draw`
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { drawCityscapes, drawCoco, type Image } from '../datasets/index.ts';
import { openCityscapes, openCocoDetection, openCocoKeypoints, saveImage } from '../datasets/node/index.ts';
import { integer } from './arguments.ts';
import { UsageError } from './usageError.ts';

interface DrawFlags {
  data: string;
  index: number;
  out: string;
  scale?: number;
  skipBad: boolean;
}

interface CocoFlags extends DrawFlags {
  split?: string;
  annotations: 'instances' | 'person_keypoints' | 'stuff';
}

interface CityscapesFlags extends DrawFlags {
  split: 'train' | 'train_extra' | 'val' | 'test';
  mode: 'fine' | 'coarse';
  labels: 'semantic' | 'semanticTrainIds' | 'instance';
}

/** Splits of COCO, looked for in this order. */
const COCO_SPLITS = ['val2017', 'train2017', 'val2014', 'train2014', 'val', 'train'];
/** Images are enlarged while their longer side stays below. */
const ENLARGED_SIDE = 640;

export function drawCommand(): Command {
  const coco = shared('coco', 'COCO: boxes, masks, keypoints and their categories over an image')
    .option('--split <name>', 'such as val2017 (default: the first that is there)')
    .addOption(
      new Option('--annotations <kind>', 'which of the files')
        .choices(['instances', 'person_keypoints', 'stuff'])
        .default('instances'),
    )
    .action(drawCocoSample);
  const cityscapes = shared('cityscapes', "Cityscapes: the classes' colours over a street scene, with their names")
    .addOption(
      new Option('--split <name>', 'which scenes').choices(['train', 'train_extra', 'val', 'test']).default('val'),
    )
    .addOption(new Option('--mode <mode>', 'how they are annotated').choices(['fine', 'coarse']).default('fine'))
    .addOption(
      new Option('--labels <kind>', 'which of the files')
        .choices(['semantic', 'semanticTrainIds', 'instance'])
        .default('semantic'),
    )
    .action(drawScene);
  return new Command('draw')
    .description('Draw one sample of COCO or Cityscapes with its annotations as PNG')
    .addCommand(coco)
    .addCommand(cityscapes);
}

function shared(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--data <folder>', 'folder of the data set')
    .option('--index <n>', 'which sample, from 0', integer(0), 0)
    .option('--scale <n>', 'enlarges each pixel to a square (default: what small images need)', integer(1))
    .option('--skip-bad', 'leave damaged records out instead of refusing the data set', false)
    .requiredOption('--out <file>', 'the PNG file');
}

async function drawCocoSample({ data, split, annotations, index, scale, skipBad, out }: CocoFlags): Promise<void> {
  const { images, file } = findCoco(data, annotations, split);
  const open = annotations === 'person_keypoints' ? openCocoKeypoints : openCocoDetection;
  const dataset = await open(images, file, { skipBad });
  const { image, target } = await dataset.get(within(index, dataset.count));
  const { categories } = dataset;
  save(out, drawCoco(image, target, { categories, scale: scale ?? scaleFor(image) }));
}

async function drawScene({ data, split, mode, labels, index, scale, skipBad, out }: CityscapesFlags): Promise<void> {
  const dataset = await openCityscapes(data, { split, mode, targetType: labels, skipBad });
  const { image, target } = await dataset.get(within(index, dataset.count));
  save(out, drawCityscapes(image, target, { labels, legend: true, scale: scale ?? scaleFor(image) }));
}

/** The official layout: `val2017/` or `images/val2017/`, or the archive, beside `annotations/`. */
function findCoco(data: string, annotations: string, split?: string): { images: string; file: string } {
  const splits = split === undefined ? COCO_SPLITS : [split];
  for (const each of splits) {
    const file = resolve(data, 'annotations', `${annotations}_${each}.json`);
    const places = [each, join('images', each), `${each}.zip`].map((place) => resolve(data, place));
    const images = places.find((place) => existsSync(place));
    if (images && existsSync(file) && statSync(file).isFile()) return { images, file };
  }
  throw new UsageError(
    `coco: found no images with annotations/${annotations}_<split>.json in ${resolve(data)}, split ${splits.join(' or ')}\n` +
      'Unpack http://images.cocodataset.org/annotations/annotations_trainval2017.zip there, and place\n' +
      'http://images.cocodataset.org/zips/val2017.zip beside it, unpacked or not',
  );
}

function within(index: number, count: number): number {
  if (index < count) return index;
  throw new UsageError(`--index is at most ${count - 1}, given ${index}: there are ${count} samples`);
}

function scaleFor({ width, height }: Image): number {
  return Math.max(1, Math.floor(ENLARGED_SIDE / Math.max(width, height)));
}

function save(out: string, image: Image): void {
  mkdirSync(dirname(out), { recursive: true });
  saveImage(out, image);
  console.log(out);
}
