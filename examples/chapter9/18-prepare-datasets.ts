// 9.7.3: CIFAR-10 as AlexNet wants it, [3, 224, 224].
import { CenterCrop, Compose, Normalize, Resize, ToTensor } from 'wgrad/datasets';
import { DataLoader, loadCifar10 } from 'wgrad/datasets/node';
import { programArguments } from './arguments.ts';

const { data } = programArguments();
const batchSize = 32;
const transform = new Compose([
  new Resize(256),
  new CenterCrop(224),
  new ToTensor(),
  new Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
]);
console.log(String(transform));

// of the five training batches, those that are there
const trainset = await loadCifar10(data, { train: true, download: true, batches: 'present' });
const trainloader = new DataLoader(trainset, { batchSize, shuffle: true, workers: 2, transform });
const testset = await loadCifar10(data, { train: false, download: true });
const testloader = new DataLoader(testset, { batchSize, shuffle: false, workers: 2, transform });

for (const [name, loader] of Object.entries({ trainloader, testloader })) {
  for await (const { shape, labels } of loader) {
    console.log(`${name}: ${loader.count} images in ${loader.length} batches; the first is [${shape.join(', ')}]`);
    console.log(`  ${[...labels.subarray(0, 5)].map((label) => trainset.classes[label]).join(', ')}, …`);
    break;
  }
}
