// 9.1, Fig. 9.5: a frame of Cityscapes under the colours of its annotations, from DIR/cityscapes.
// --quick takes the miniature in DIR/formats/cityscapes: made-up frames of a few pixels.
import { join } from 'node:path';
import { CITYSCAPES_CLASSES, drawCityscapes } from 'wgrad/datasets';
import { openCityscapes, saveImage } from 'wgrad/datasets/node';
import { dataFolder, pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const { quick } = options;
const root = join(dataFolder(options, 'Cityscapes'), quick ? 'formats/cityscapes' : 'cityscapes');
if (quick) console.log(`(--quick: the miniature in ${root})\n`);

// the published archives have ids of all classes, the miniature those of the 19 that are trained on
const labels = quick ? 'semanticTrainIds' : 'semantic';
const cityscapes = await openCityscapes(root, { split: 'train', targetType: labels });
const { image, target } = await cityscapes.get(0);
console.log(`${cityscapes.count} frames; frame 0 has ${image.width} x ${image.height} pixels`);

const pixels = new Map<number, number>();
for (const id of target.data) pixels.set(id, (pixels.get(id) ?? 0) + 1);
for (const [id, count] of [...pixels].sort(([, a], [, b]) => b - a)) {
  const found = CITYSCAPES_CLASSES.find((each) => (quick ? each.trainId : each.id) === id);
  console.log(`  ${found?.name ?? 'of no class'}: ${count} pixels`);
}
const file = pictureFile(options, 'fig9.5-cityscapes.png');
saveImage(file, drawCityscapes(image, target, { labels, legend: true, scale: quick ? 64 : 1 }));
console.log(file);
