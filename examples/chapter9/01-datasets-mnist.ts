// 9.1, Fig. 9.1: a shuffled batch of MNIST's test images in a grid.
import { ToTensor } from 'wgrad/datasets';
import { DataLoader, loadMnist, saveImage } from 'wgrad/datasets/node';
import { pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const batchSize = 128;
const mnistTestset = await loadMnist(options.data, { train: false, download: true });
const mnist = new DataLoader(mnistTestset, { batchSize, shuffle: true, workers: 1, transform: new ToTensor() });

// get some random images: [batchSize, c, h, w]
for await (const { x, shape, labels } of mnist) {
  console.log(`${mnistTestset.count} images; a batch has the shape [${shape.join(', ')}]`);
  console.log(`labels of its first row: ${labels.slice(0, 16).join(' ')}`);

  // show the images of one batch, "255 - images"
  const file = pictureFile(options, 'fig9.1-mnist.png');
  saveImage(file, { data: x.map((level) => 255 - level), shape }, { nrow: 16, normalize: true });
  console.log(file);
  break;
}
