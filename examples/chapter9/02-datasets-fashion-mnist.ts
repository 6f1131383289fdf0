// 9.1, Fig. 9.2: the same with Fashion-MNIST, and its ten classes.
import { ToTensor } from 'wgrad/datasets';
import { DataLoader, loadFashionMnist, saveImage } from 'wgrad/datasets/node';
import { pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const fashion = await loadFashionMnist(options.data, { train: false, download: true });
console.log(fashion.classes.map((name, label) => `${label}: ${name}`).join(', '));

const loader = new DataLoader(fashion, { batchSize: 128, shuffle: true, transform: new ToTensor() });
for await (const { x, shape } of loader) {
  const file = pictureFile(options, 'fig9.2-fashion-mnist.png');
  saveImage(file, { data: x.map((level) => 255 - level), shape }, { nrow: 16, normalize: true });
  console.log(file);
  break;
}
