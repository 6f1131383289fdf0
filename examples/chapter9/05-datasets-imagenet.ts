// 9.1, Fig. 9.4: samples of ImageNet, from DIR/imagenet/val as torchvision places it.
// --quick takes the photographs in DIR/imagenet-samples, <WordNet id>_<name>.JPEG, as a folder of images by class.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from 'wgrad/datasets';
import { openImageFolder, openImageNet, saveImage } from 'wgrad/datasets/node';
import { sampleSheet } from 'wgrad/training';
import { dataFolder, pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const data = dataFolder(options, 'ImageNet');
const imagenet = options.quick
  ? await openImageFolder(sortedByClass(join(data, 'imagenet-samples')))
  : await openImageNet(join(data, 'imagenet'), { split: 'val' });
console.log(`${imagenet.count} photographs of ${imagenet.classes.length} classes`);

const order = new Random(0).shuffle(Uint32Array.from({ length: imagenet.count }, (_, i) => i));
const some = [...order.subarray(0, 25)];
for (const index of some.slice(0, 5)) {
  const { image, target } = await imagenet.get(index);
  console.log(`${imagenet.classes[target]}: ${image.width} x ${image.height} pixels`);
}
const file = pictureFile(options, 'fig9.4-imagenet.png');
saveImage(file, await sampleSheet(imagenet, some, { columns: 5, side: 112 }));
console.log(file);

/** As `torchvision.datasets.ImageFolder` wants them: a folder for each class. */
function sortedByClass(folder: string): string {
  console.log(`(--quick: the photographs of ${folder})\n`);
  const sorted = join(options.out, 'imagenet-samples');
  for (const name of readdirSync(folder)) {
    const [, className] = /^n\d+_(.+)\.JPEG$/.exec(name) ?? [];
    if (className === undefined) continue;
    mkdirSync(join(sorted, className), { recursive: true });
    copyFileSync(join(folder, name), join(sorted, className, name));
  }
  return sorted;
}
