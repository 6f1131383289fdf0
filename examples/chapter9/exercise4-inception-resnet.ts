// Exercise 4: a simplified ResNet of inception blocks for CIFAR-10, trained from scratch on the training batches that
// are there. Writes its curves and its confusion matrix. --quick: 2 epochs of 1,000 images.
import { writeFileSync } from 'node:fs';
import { Compose, Normalize, RandomCrop, RandomHorizontalFlip, RandomSampler, ToTensor } from 'wgrad/datasets';
import { loadCifar10 } from 'wgrad/datasets/node';
import { createModel } from 'wgrad/models';
import { CrossEntropyLoss, print } from 'wgrad/nn';
import { createDevice } from 'wgrad/node';
import { OneCycleLR, SGD } from 'wgrad/optim';
import { confusionMatrix, confusionSvg, curvesSvg, DeviceDataset, evaluate, type MetricRow } from 'wgrad/training';
import { pictureFile, programArguments } from './arguments.ts';

const options = programArguments();
const { data, quick } = options;
const seed = 0;
const epochs = quick ? 2 : 12;
const batchSize = 64;
const trainset = await loadCifar10(data, { train: true, download: true, batches: 'present' });
const testset = await loadCifar10(data, { train: false, download: true });
const count = quick ? 1000 : trainset.count;
// an epoch's test is a sample; the last one is the whole
const sampleSize = quick ? 500 : 1000;

const device = await createDevice();
device.manualSeed(seed);
const model = createModel('inception_resnet_small').to(device, { seed });
console.log(print(model));
console.log(`${model.parameters().reduce((sum, { size }) => sum + size, 0)} parameters\n`);

// the images go up once; crops and flips are cut from them on the GPU
const images = new DeviceDataset(device, trainset);
const transform = new Compose([
  new RandomCrop(32, { padding: 4 }),
  new RandomHorizontalFlip(),
  new ToTensor(),
  new Normalize([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]),
]);

const criterion = new CrossEntropyLoss();
const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
const stepsPerEpoch = Math.ceil(count / batchSize);
const scheduler = new OneCycleLR(optimizer, { maxLr: 0.1, epochs, stepsPerEpoch, pctStart: 0.25 });

const rows: MetricRow[] = [];
let step = 0;
const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;
for (let epoch = 1; epoch <= epochs; epoch++) {
  const begun = seconds();
  model.train();
  const order = new RandomSampler(count).order(seed, epoch);
  let sum = 0;
  for (let start = 0; start < count; start += batchSize) {
    using _ = device.scope(); // owns what the step makes
    const { x, labels } = images.batch(order.subarray(start, start + batchSize), { transform, seed, epoch });
    optimizer.zeroGrad();
    const loss = criterion.call(model.call(x), labels);
    loss.backward();
    optimizer.step();
    const [{ lr }] = optimizer.paramGroups;
    scheduler.step();
    const value = await loss.item();
    sum += value * labels.size;
    rows.push({ kind: 'step', step: ++step, epoch, loss: value, lr, seconds: seconds() });
  }
  const imagesPerSecond = count / (seconds() - begun);
  const test = await evaluate(model, device, testset, { limit: sampleSize });
  rows.push({
    ...{ kind: 'epoch', epoch, step, seconds: seconds(), imagesPerSecond },
    ...{ trainLoss: sum / count, testLoss: test.loss, testAccuracy: test.accuracy },
  });
  console.log(
    `epoch ${epoch}/${epochs}: loss ${(sum / count).toFixed(3)}, ${percent(test.accuracy)} of ${test.total} test images, ${seconds().toFixed(0)} s`,
  );
}

const test = await evaluate(model, device, testset, quick ? { limit: sampleSize } : {});
console.log(`\nAccuracy of the network on the ${test.total} test images: ${percent(test.accuracy)}`);
const matrix = confusionMatrix(testset.labels.subarray(0, test.total), test.predictions, testset.classes.length);
for (const [name, svg] of [
  ['exercise4-curves.svg', await curvesSvg(rows)],
  ['exercise4-confusion.svg', await confusionSvg(matrix, [...testset.classes])],
] as const) {
  const file = pictureFile(options, name);
  writeFileSync(file, svg);
  console.log(file);
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}
