// What is known of each data set without its files: for models that were trained on it.
import { CIFAR10, CIFAR100, type Dataset, FASHION_MNIST, glyphs, MNIST } from '../datasets/index.ts';
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
    case 'glyphs':
      return { ...glyphs({ count: 1 }), size: 28 };
  }
}
