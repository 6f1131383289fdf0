// Exercise 1: eight data sets, each with some sample images and their labels. A set that is not here and cannot be
// fetched is told of, and the others go on. --quick takes the miniatures of DIR/formats for COCO and Cityscapes.
import { join } from 'node:path';
import { drawCityscapes, drawCoco, type Image } from 'wgrad/datasets';
import {
  DatasetNotFoundError,
  FetchError,
  loadCifar10,
  loadCifar100,
  loadEmnist,
  loadFashionMnist,
  loadMnist,
  openCelebA,
  openCityscapes,
  openCocoDetection,
  saveImage,
} from 'wgrad/datasets/node';
import { sampleSheet } from 'wgrad/training';
import { dataFolder, pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const { data, quick } = options;
const choice = { train: false, download: true } as const;
const missing: string[] = [];

await explore('mnist', async () => sheetOf(await loadMnist(data, choice), { isInverted: true }));
await explore('fashion-mnist', async () => sheetOf(await loadFashionMnist(data, choice), { isInverted: true }));
await explore('emnist', async () =>
  sheetOf(await loadEmnist(data, { ...choice, split: 'balanced', transpose: true }), { isInverted: true }),
);
await explore('cifar-10', async () => sheetOf(await loadCifar10(data, choice)));
await explore('cifar-100', async () => sheetOf(await loadCifar100(data, choice)));

await explore('celeba', async () => {
  const celeba = await openCelebA(join(dataFolder(options, 'CelebA'), 'celeba'), { split: 'test' });
  const { image, target } = await celeba.get(0);
  const present = celeba.attributes.filter((_, i) => target[i] === 1);
  console.log(`${celeba.count} faces of ${celeba.attributes.length} attributes; face 0: ${present.join(', ')}`);
  return image;
});
await explore('coco', async () => {
  const root = join(dataFolder(options, 'COCO'), quick ? 'formats/coco' : 'coco');
  const [images, file] = quick ? ['images/val', 'instances_val.json'] : ['val2017', 'instances_val2017.json'];
  const coco = await openCocoDetection(join(root, images), join(root, 'annotations', file));
  const { image, target } = await coco.get(0);
  const objects = target.map(({ category }) => coco.classes[category]).join(', ');
  console.log(`${coco.count} images of ${coco.classes.length} categories; in image 0: ${objects}`);
  return drawCoco(image, target, { categories: coco.categories, scale: quick ? 32 : 1 });
});
await explore('cityscapes', async () => {
  const root = join(dataFolder(options, 'Cityscapes'), quick ? 'formats/cityscapes' : 'cityscapes');
  const labels = quick ? 'semanticTrainIds' : 'semantic';
  const cityscapes = await openCityscapes(root, { split: 'train', targetType: labels });
  const { image, target } = await cityscapes.get(0);
  console.log(`${cityscapes.count} frames; frame 0 has ${image.width} x ${image.height} pixels`);
  return drawCityscapes(image, target, { labels, legend: true, scale: quick ? 64 : 1 });
});

console.log(missing.length ? `\nnot here: ${missing.join(', ')}` : '\nall eight are here');

/** Writes what `show` draws of a data set, or says what is missing. */
async function explore(name: string, show: () => Promise<Image>): Promise<void> {
  console.log(`\n# ${name}`);
  try {
    const picture = await show();
    const file = pictureFile(options, `exercise1-${name}.png`);
    saveImage(file, picture);
    console.log(file);
  } catch (error) {
    if (!(error instanceof DatasetNotFoundError || error instanceof FetchError)) throw error;
    console.log(error.message);
    missing.push(name);
  }
}

/** The first 32 images over the names of their classes, once the set's facts are printed. */
async function sheetOf(dataset: Awaited<ReturnType<typeof loadMnist>>, { isInverted = false } = {}): Promise<Image> {
  const { count, shape, classes, labels } = dataset;
  console.log(`${count} test images of [${shape.join(', ')}] in ${classes.length} classes`);
  console.log(`the first are ${[...labels.subarray(0, 8)].map((label) => classes[label]).join(', ')}`);
  return sampleSheet(
    dataset,
    Array.from({ length: 32 }, (_, i) => i),
    { columns: 8, isInverted },
  );
}
