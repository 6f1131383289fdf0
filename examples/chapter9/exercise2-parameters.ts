// Exercise 2: the learnable parameters of AlexNet, VGG16, GoogLeNet and ResNet50, calculated from the layers' sizes, and
// counted in the models.
import { createModel } from 'wgrad/models';
import { BatchNorm2d, Conv2d, Linear, type Module } from 'wgrad/nn';
import { programArguments } from './arguments.ts';

programArguments();
for (const [name, title, options] of [
  ['alexnet', 'AlexNet', {}],
  ['vgg16', 'VGG16', {}],
  ['googlenet', 'GoogLeNet', {}],
  ['googlenet', 'GoogLeNet with its auxiliary heads', { auxLogits: true }],
  ['resnet50', 'ResNet50', {}],
] as const) {
  const net = createModel(name, options);
  console.log(`\n# ${title}`);
  let calculated = 0;
  for (const [part, module] of net.namedChildren()) {
    const sum = module.modules().reduce((total, layer) => total + learnable(layer as Module), 0);
    if (sum > 0) console.log(`${part.padEnd(12)}${sum.toLocaleString('en-US').padStart(12)}`);
    calculated += sum;
  }
  const counted = net
    .parameters()
    .filter((p) => p.requiresGrad)
    .reduce((sum, { size }) => sum + size, 0);
  console.log(`${'calculated'.padEnd(12)}${calculated.toLocaleString('en-US').padStart(12)}`);
  console.log(`${'counted'.padEnd(12)}${counted.toLocaleString('en-US').padStart(12)}`);
}

/** What a layer of these sizes has to learn; its children count for themselves. */
function learnable(layer: Module): number {
  if (layer instanceof Conv2d) {
    const { inChannels, outChannels, groups, kernelSize, bias } = layer;
    const [height, width] = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
    return outChannels * ((inChannels / groups) * height * width + (bias ? 1 : 0));
  }
  if (layer instanceof Linear) return layer.outFeatures * (layer.inFeatures + (layer.bias ? 1 : 0));
  if (layer instanceof BatchNorm2d) return 2 * layer.numFeatures; // a factor and a summand per channel
  return 0;
}
