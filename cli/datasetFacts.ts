// What is known of each data set without its files: for models that were trained on it.
import {
  CIFAR10,
  CIFAR100,
  type Dataset,
  type EmnistSplit,
  emnistKind,
  FASHION_MNIST,
  glyphs,
  MNIST,
} from '../datasets/index.ts';
import type { RunConfig } from '../training/runConfig.ts';

export interface DatasetFacts extends Pick<Dataset, 'classes' | 'mean' | 'std'> {
  /** Height and width of its images. */
  readonly size: number;
}

export function datasetFacts(name: RunConfig['dataset']): DatasetFacts {
  switch (name) {
    case 'mnist':
      return { ...MNIST, size: 28 };
    case 'fashion-mnist':
      return { ...FASHION_MNIST, size: 28 };
    case 'cifar10':
      return { ...CIFAR10, size: 32 };
    case 'cifar100':
      return { ...CIFAR100, size: 32 };
    case 'cifar100-coarse':
      return { ...CIFAR100, classes: CIFAR100.coarseClasses, size: 32 };
    case 'emnist-byclass':
    case 'emnist-bymerge':
    case 'emnist-balanced':
    case 'emnist-letters':
    case 'emnist-digits':
    case 'emnist-mnist':
      return { ...emnistKind(name.slice('emnist-'.length) as EmnistSplit), size: 28 };
    case 'glyphs':
      return { ...glyphs({ count: 1 }), size: 28 };
  }
}
