// Exercise 3: VGG13, GoogLeNet and ResNet18 fine-tuned on CIFAR-10, compared in accuracy and parameters. As in the
// chapter the last layer is trained, the others are frozen. --quick: random values, a few images of 48x48, and
// SqueezeNet 1.1 with ImageNet's features to show what pretraining is worth.
import { createDevice } from 'wgrad/node';
import { programArguments } from './arguments.ts';
import { fineTuneCifar10, percent } from './fineTuneCifar10.ts';
import { pretrained, pretrainedTrunk } from './pretrained.ts';

const options = programArguments();
const device = await createDevice();
const names = ['vgg13', 'googlenet', 'resnet18'];
// all are loaded first: a missing file is found before an hour of training
const models = [];
for (const name of names) models.push({ name, model: await pretrained(name, options, { orRandom: options.quick }) });
if (options.quick) models.push({ name: 'squeezenet1_1', model: await pretrainedTrunk(options) });

console.log(
  `${'model'.padEnd(16)}${'parameters'.padStart(12)}${'trained'.padStart(10)}${'before'.padStart(10)}${'after'.padStart(10)}`,
);
for (const { name, model } of models) {
  const { before, test, frozenParameters, trainedParameters } = await fineTuneCifar10(model, name, options, { device });
  const parameters = (frozenParameters + trainedParameters).toLocaleString('en-US');
  console.log(
    `${name.padEnd(16)}${parameters.padStart(12)}${trainedParameters.toLocaleString('en-US').padStart(10)}${percent(before.accuracy).padStart(10)}${percent(test!.accuracy).padStart(10)}`,
  );
  model.dispose();
}
