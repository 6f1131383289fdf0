// wgrad/models: architectures as classes, and all of them by name.
export { AlexNet, AlexNetChapter, type AlexNetOptions } from './alexnet.ts';
export type { ModelEntry, ModelOptions, Paper, PublishedAccuracy, WeightsEntry } from './entry.ts';
export {
  AuxiliaryHead,
  GoogLeNet,
  type GoogLeNetOptions,
  type GoogLeNetOutput,
  googlenetLoss,
} from './googlenet.ts';
export { IMAGENET_CLASSES } from './imagenetClasses.ts';
export { BasicConv2d, Inception, type InceptionOptions, type Reduced } from './inception.ts';
export { InceptionResNet, type InceptionResNetOptions, ResidualInception } from './inceptionResnet.ts';
export { LeNet5, LeNet5C5, type LeNet5Options } from './lenet.ts';
export { MnistConvNet, type MnistConvNetOptions } from './mnistConvNet.ts';
export { depthwiseSeparable, MobileNetV1, type MobileNetV1Options } from './mobilenetV1.ts';
export { NiN, type NiNOptions, ninBlock } from './nin.ts';
export { createModel, listModels, modelEntries, modelEntry } from './registry.ts';
export { BasicBlock, type BlockCounts, Bottleneck, ResNet, type ResNetOptions } from './resnet.ts';
export { OptionABlock, ResNetCifar, type ResNetCifarOptions } from './resnetCifar.ts';
export { Fire, SqueezeNet, type SqueezeNetOptions, type SqueezeNetVersion } from './squeezenet.ts';
export { VGG, VGG_BLOCKS, type VGGOptions, type VggBlocks, type VggLayer } from './vgg.ts';
export { widenThirdBranch } from './widenThirdBranch.ts';
