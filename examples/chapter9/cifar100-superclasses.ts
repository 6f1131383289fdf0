// Beyond the exercises: ResNet-20 from its CIFAR-10 weights to CIFAR-100's 20 superclasses, on one half of the test
// images, tested on the other: with its layers frozen, with all of them trained, and from scratch.
// --quick: 1 epoch of 200 images.
import { Compose, Normalize, RandomCrop, RandomHorizontalFlip, subset, ToTensor } from 'wgrad/datasets';
import { loadCifar100 } from 'wgrad/datasets/node';
import { createModel, modelEntry } from 'wgrad/models';
import { createDevice } from 'wgrad/node';
import { datasetSource } from 'wgrad/training';
import { fineTune, transformedSource } from 'wgrad/training/node';
import { programArguments } from './arguments.ts';
import { percent } from './fineTuneCifar10.ts';
import { pretrained } from './pretrained.ts';

const options = programArguments();
const { data, quick } = options;
const device = await createDevice();
const all = await loadCifar100(data, { train: false, download: true, labels: 'coarse' });
const half = all.count / 2;
const part = (start: number, count: number) =>
  subset(
    all,
    Uint32Array.from({ length: count }, (_, i) => start + i),
  );
const trainset = part(0, quick ? 200 : half);
const testset = part(half, quick ? 200 : half);

const { head, weights } = modelEntry('resnet20');
const { mean, std } = weights[0].preprocessing!;
const test = datasetSource(testset, { preprocessing: { mean, std } });
const plain = datasetSource(trainset, { preprocessing: { mean, std } });
const augmented = await transformedSource(
  trainset,
  new Compose([
    new RandomCrop(32, { padding: 4 }),
    new RandomHorizontalFlip(),
    new ToTensor(),
    new Normalize(mean, std),
  ]),
);
const epochs = quick ? 1 : 6;
const common = { device, head, numClasses: all.classes.length, batchSize: 32 };
const resnet20 = () => pretrained('resnet20', { ...options, quick: false });
const ways = [
  {
    ...{ title: 'frozen', model: await resnet20(), train: plain },
    recipe: { freeze: 'backbone', epochs: quick ? 1 : 30, lr: 5e-3 },
  },
  {
    ...{ title: 'all layers trained', model: await resnet20(), train: augmented },
    recipe: { freeze: 'none', epochs, lr: 2e-3 },
  },
  {
    ...{ title: 'from scratch', model: createModel('resnet20'), train: augmented },
    recipe: { freeze: 'none', epochs, lr: 4e-3, lrDecay: 1, scheduler: 'onecycle' },
  },
] as const;
console.log(`${trainset.count} training images, ${testset.count} test images, ${all.classes.length} classes\n`);
console.log(
  `${'ResNet-20'.padEnd(20)}${'trained'.padStart(10)}${'epochs'.padStart(8)}${'before'.padStart(10)}${'after'.padStart(10)}${'seconds'.padStart(10)}`,
);
for (const { title, model, train, recipe } of ways) {
  const result = await fineTune(model, { train, test }, { ...common, ...recipe });
  const { before, test: after, trainedParameters, seconds, epochs: finished } = result;
  console.log(
    [
      title.padEnd(20),
      trainedParameters.toLocaleString('en-US').padStart(10),
      String(finished.length).padStart(8),
      percent(before.accuracy).padStart(10),
      percent(after!.accuracy).padStart(10),
      seconds.toFixed(0).padStart(10),
    ].join(''),
  );
  model.dispose();
}
