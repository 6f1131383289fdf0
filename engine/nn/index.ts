// wgrad/nn: modules in PyTorch's words.
export { GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh } from './activations.ts';
export { BatchNorm2d, type BatchNorm2dOptions } from './batchNorm2d.ts';
export { Conv2d, type Conv2dOptions } from './conv2d.ts';
export { CrossEntropyLoss } from './crossEntropyLoss.ts';
export { Dropout } from './dropout.ts';
export { Flatten } from './flatten.ts';
export { Identity } from './identity.ts';
export * as init from './init.ts';
export { Linear } from './linear.ts';
export { LocalResponseNorm } from './localResponseNorm.ts';
export { type AnyModule, type ForwardHook, type ForwardPreHook, Module } from './module.ts';
export { Buffer, Counter, OwnedTensor, Parameter } from './parameter.ts';
export { AdaptiveAvgPool2d, AvgPool2d, MaxPool2d } from './pooling.ts';
export { print } from './print.ts';
export { Sequential } from './sequential.ts';
export type { LoadOptions, LoadReport } from './stateDict.ts';
export { summary } from './summary.ts';
