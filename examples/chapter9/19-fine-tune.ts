// 9.7.3: pretrained AlexNet with a new last layer for CIFAR-10, tested, trained for two epochs, and tested again.
// --quick takes SqueezeNet 1.1 with the ImageNet weights of its features, on fewer and smaller images.
import { CenterCrop, Compose, Normalize, Resize, ToTensor } from 'wgrad/datasets';
import { DataLoader, loadCifar10 } from 'wgrad/datasets/node';
import { AdaptiveAvgPool2d, CrossEntropyLoss, Flatten, Linear, Sequential } from 'wgrad/nn';
import { createDevice } from 'wgrad/node';
import { Adam } from 'wgrad/optim';
import { programArguments } from './arguments.ts';
import { pretrained, pretrainedTrunk } from './pretrained.ts';

const options = programArguments();
const { data, quick } = options;
const model = quick ? await pretrainedTrunk(options) : await pretrained('alexnet', options);

// a new last layer; the others are frozen
model.requiresGrad_(false);
if (quick)
  model.setSubmodule('classifier', new Sequential(new AdaptiveAvgPool2d([1, 1]), new Flatten(), new Linear(512, 10)));
else model.setSubmodule('classifier.6', new Linear(4096, 10));
const device = await createDevice();
model.to(device);

const transform = new Compose([
  new Resize(quick ? 73 : 256),
  new CenterCrop(quick ? 64 : 224),
  new ToTensor(),
  new Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
]);
const batchSize = quick ? 16 : 32;
const trainset = await loadCifar10(data, { train: true, download: true, batches: 'present' });
const trainLimit = quick ? 1600 : trainset.count;
const trainloader = new DataLoader(trainset, { batchSize, shuffle: true, workers: 2, transform, limit: trainLimit });
const testset = await loadCifar10(data, { train: false, download: true });
const testLimit = quick ? 500 : testset.count;
const testloader = new DataLoader(testset, { batchSize, shuffle: false, workers: 2, transform, limit: testLimit });

await test(); // the last layer is random, so about 10 %

const criterion = new CrossEntropyLoss();
const optimizer = new Adam(
  model.parameters().filter((p) => p.requiresGrad),
  { lr: 0.001 },
);
model.train();
for (let epoch = 0; epoch < 2; epoch++) {
  let runningLoss = 0;
  for await (const { x, shape, labels, index: i } of trainloader) {
    const step = device.scope(); // owns what the step makes

    // zero the parameter gradients
    optimizer.zeroGrad();

    // forward + backward + optimize
    const outputs = model.call(device.tensor(x, shape));
    const loss = criterion.call(outputs, device.tensor(labels));
    loss.backward();
    optimizer.step();

    // print statistics
    runningLoss += await loss.item();
    if (i % 100 === 99) {
      console.log(`[${epoch + 1}, ${String(i + 1).padStart(5)}] loss: ${(runningLoss / 100).toFixed(3)}`);
      runningLoss = 0;
    }
    step.dispose();
  }
}
console.log('Finished Training');
await test();

async function test(): Promise<void> {
  let correct = 0;
  model.eval(); // the chapter tests with dropout
  for await (const { x, shape, labels } of testloader) {
    const step = device.scope();
    const outputs = device.noGrad(() => model.call(device.tensor(x, shape)));
    const predicted = await outputs.argmax(1).data();
    correct += labels.filter((label, i) => label === predicted[i]).length;
    step.dispose();
  }
  const { count } = testloader;
  console.log(`Accuracy of the network on the ${count} test images: ${Math.floor((100 * correct) / count)} %`);
}
