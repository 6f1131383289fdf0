// Exercise 6: what AlexNet, VGG, NiN, GoogLeNet and ResNet hold and what they compute for one image.
import { createModel, modelEntry } from 'wgrad/models';
import { layers, totals } from 'wgrad/nn';
import { programArguments } from './arguments.ts';

programArguments();
const families = {
  AlexNet: ['alexnet'],
  VGG: ['vgg11', 'vgg13', 'vgg16', 'vgg19'],
  NiN: ['nin'],
  GoogLeNet: ['googlenet', 'googlenet_paper'],
  ResNet: ['resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152'],
};
console.log('model            parameters   float32    GMAC  activations  layers  top-1');
for (const names of Object.values(families)) {
  for (const name of names) {
    const { inputShape, accuracy } = modelEntry(name);
    const rows = layers(createModel(name), inputShape);
    const { parameters, macs, activationBytes } = totals(rows);
    const weighted = rows.filter(({ type }) => type === 'Conv2d' || type === 'Linear').length;
    console.log(
      [
        name.padEnd(15),
        parameters.toLocaleString('en-US').padStart(12),
        mebibytes(4 * parameters).padStart(10),
        (macs / 1e9).toFixed(3).padStart(8),
        mebibytes(activationBytes).padStart(13),
        String(weighted).padStart(8),
        (accuracy?.top1.toFixed(1) ?? '-').padStart(7),
      ].join(''),
    );
  }
}
console.log(`
GMAC: 10^9 multiply-accumulates for one image of 224x224. Activations: what training keeps for the backward pass, for one
image. Layers: convolutions and linear layers, those of shortcuts included. Top-1: on ImageNet, of torchvision's weights.`);

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
