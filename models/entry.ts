// What the registry knows of a model.
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { AnyModule } from '../engine/nn/module.ts';

/** What `createModel` takes; a family ignores none of these silently: what it has no use for is an error. */
export interface ModelOptions {
  /** Default: the classes of the data set the model was made for. */
  numClasses?: number;
  /** Channels of the images. Default likewise. */
  inChannels?: number;
  /** Share of values dropped before linear layers. Default: the paper's or torchvision's. */
  dropout?: number;
  /** GoogLeNet: with auxiliary heads, used in training only. Default: false, as torchvision with weights. */
  auxLogits?: boolean;
  /** GoogLeNet: renormalises ImageNet-normalised images to the range its weights were trained with. Default false. */
  transformInput?: boolean;
  /** MobileNetV1: factor of all channel counts. Default: the entry's. */
  widthMultiplier?: number;
}

export interface Paper {
  readonly title: string;
  readonly authors: string;
  readonly year: number;
  readonly url: string;
}

/** Fractions of 100, as published. */
export interface PublishedAccuracy {
  readonly dataset: 'ImageNet' | 'CIFAR-10' | 'MNIST';
  readonly top1: number;
  readonly top5?: number;
}

/** A published file of weights. */
export interface WeightsEntry {
  /** Its name as published: `alexnet-owt-7be5be79.pth`. */
  readonly file: string;
  /** First hexadecimal digits of the file's SHA-256. */
  readonly sha256: string;
  /** Where it was published; `fetchWeights` downloads from here or from a base URL of yours. */
  readonly url?: string;
  /** What its classes are called: `imagenet`, `cifar10`, `mnist`. */
  readonly classes: 'imagenet' | 'cifar10' | 'mnist';
  readonly preprocessing: Preprocessing;
  readonly accuracy?: PublishedAccuracy;
  /** How the model must be built to take the file strictly. Default: no options. */
  readonly options?: ModelOptions;
  /** From the file's tensor names to the model's; undefined drops the tensor. Default: as they are. */
  readonly rename?: (name: string) => string | undefined;
  /** The file holds a part of the model only (no classifier), so it cannot be loaded strictly. Default false. */
  readonly isPartial?: boolean;
}

export interface ModelEntry {
  /** As `createModel` takes it, torchvision's where it has the model. */
  readonly name: string;
  /** The class: `AlexNet`. */
  readonly family: string;
  readonly paper: Paper;
  /** Dotted name of the layer that gives the logits, which fine-tuning replaces: `classifier.6`, `fc`. */
  readonly head: string;
  /** Of the images it was made for: [c, h, w]. */
  readonly inputShape: readonly [channels: number, height: number, width: number];
  /** Smallest legal height and width. */
  readonly minSize: number;
  /** Largest legal height and width, where a flattened feature map allows only few. Default: any. */
  readonly maxSize?: number;
  readonly numClasses: number;
  /** Published accuracy of the architecture, of its own weights where there are any. */
  readonly accuracy?: PublishedAccuracy;
  /** The first is the default. */
  readonly weights: readonly WeightsEntry[];
  /** A fresh model; its last tensor of logits may come with auxiliary ones (GoogLeNet in training). */
  readonly create: (options?: ModelOptions) => AnyModule;
}
