// The record of a file of weights that torchvision publishes.
import { IMAGENET_PREPROCESSING } from '../datasets/images/preprocessing.ts';
import type { WeightsEntry } from './entry.ts';

/**
 * @param stem the file's name without `.pth`; it ends in the first digits of its hash
 * @param top1 accuracy on ImageNet's validation set, of 100
 * @param options.resize pixels of the shorter side before the crop; the V2 ResNets have 232. Default 256
 */
export function torchvisionWeights(stem: string, top1: number, top5: number, { resize = 256 } = {}): WeightsEntry {
  return {
    file: `${stem}.pth`,
    sha256: stem.slice(-8),
    url: `https://download.pytorch.org/models/${stem}.pth`,
    classes: 'imagenet',
    preprocessing: { ...IMAGENET_PREPROCESSING, resize },
    accuracy: { dataset: 'ImageNet', top1, top5 },
  };
}
