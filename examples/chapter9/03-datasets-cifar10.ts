// 9.1, Fig. 9.3: CIFAR-10, whose images are in colour and stay as they are.
import { ToTensor } from 'wgrad/datasets';
import { DataLoader, loadCifar10, saveImage } from 'wgrad/datasets/node';
import { pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const cifar10 = await loadCifar10(options.data, { train: false, download: true });
const perClass = cifar10.classes.map(
  (name, label) => `${name} ${cifar10.labels.filter((each) => each === label).length}`,
);
console.log(`${cifar10.count} test images of [${cifar10.shape.join(', ')}]: ${perClass.join(', ')}`);

const loader = new DataLoader(cifar10, { batchSize: 128, shuffle: true, transform: new ToTensor() });
for await (const { x, shape } of loader) {
  const file = pictureFile(options, 'fig9.3-cifar10.png');
  saveImage(file, { data: x, shape }, { nrow: 16, normalize: true });
  console.log(file);
  break;
}
