// 9.1: COCO: boxes and masks, keypoints and captions, from DIR/coco/val2017 and DIR/coco/annotations.
// --quick takes the miniature in DIR/formats/coco: made-up images of a few pixels.
import { join } from 'node:path';
import { drawCoco } from 'wgrad/datasets';
import { openCocoCaptions, openCocoDetection, openCocoKeypoints, saveImage } from 'wgrad/datasets/node';
import { dataFolder, pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const data = dataFolder(options, 'COCO');
if (options.quick) console.log(`(--quick: the miniature in ${join(data, 'formats/coco')})\n`);
const root = join(data, options.quick ? 'formats/coco' : 'coco');
const images = join(root, options.quick ? 'images/val' : 'val2017');
const annotations = (kind: string) => join(root, 'annotations', `${kind}_${options.quick ? 'val' : 'val2017'}.json`);

const captions = await openCocoCaptions(images, annotations('captions'));
console.log(`captions of image 0: ${(await captions.target(0)).join(' | ')}`);

for (const [kind, open] of [
  ['instances', openCocoDetection],
  ['person_keypoints', openCocoKeypoints],
] as const) {
  const coco = await open(images, annotations(kind));
  const { image, target } = await coco.get(0);
  console.log(
    `${kind}: ${coco.count} images of ${coco.classes.length} categories; image 0 has ${target.length} objects`,
  );
  for (const { category, bbox, area } of target) {
    console.log(`  ${coco.classes[category]}: box [${bbox.join(', ')}], ${area} pixels`);
  }
  const file = pictureFile(options, `coco-${kind}.png`);
  saveImage(file, drawCoco(image, target, { categories: coco.categories, scale: options.quick ? 32 : 1 }));
  console.log(file);
}
