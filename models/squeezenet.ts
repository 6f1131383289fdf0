// SqueezeNet 1.0 and 1.1, with torchvision's names and keys.
import { IMAGENET_PREPROCESSING } from '../datasets/images/preprocessing.ts';
import { cat, flatten } from '../engine/functional/shape.ts';
import { ReLU } from '../engine/nn/activations.ts';
import { Conv2d } from '../engine/nn/conv2d.ts';
import { Dropout } from '../engine/nn/dropout.ts';
import { kaimingUniform, normal, zeros } from '../engine/nn/init.ts';
import { Module } from '../engine/nn/module.ts';
import { AdaptiveAvgPool2d, MaxPool2d } from '../engine/nn/pooling.ts';
import { Sequential } from '../engine/nn/sequential.ts';
import type { Tensor } from '../engine/tensor.ts';
import { checkImage } from './checkImage.ts';
import type { ModelEntry, Paper, WeightsEntry } from './entry.ts';
import { pickOptions } from './pickOptions.ts';
import { torchvisionWeights } from './torchvisionWeights.ts';

export interface SqueezeNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Default 3. */
  inChannels?: number;
  /** Before the last convolution. Default 0.5. */
  dropout?: number;
}

export type SqueezeNetVersion = '1_0' | '1_1';

/** What leaves two pixels for the third pool; their partial window counts. */
const SIZES = { '1_0': { minSize: 21 }, '1_1': { minSize: 17 } } as const;

/**
 * `[n, 3, 224, 224]` to logits `[n, 1000]`: 1,248,424 parameters in version 1.0, 1,235,496 and 2.4 times fewer
 * operations in 1.1, which pools earlier. Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters
 * and <0.5MB model size", 2016, https://arxiv.org/abs/1602.07360;
 * https://pytorch.org/vision/stable/models/squeezenet.html
 * `call` throws ShapeError for images below 21x21 (1.0) or 17x17 (1.1).
 */
export class SqueezeNet extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;
  readonly version: SqueezeNetVersion;

  constructor(
    version: SqueezeNetVersion = '1_0',
    { numClasses = 1000, inChannels = 3, dropout = 0.5 }: SqueezeNetOptions = {},
  ) {
    super();
    this.version = version;
    this.features = version === '1_0' ? features10(inChannels) : features11(inChannels); // [n, 512, 13, 13]
    const last = new Conv2d(512, numClasses, 1);
    this.classifier = new Sequential(
      new Dropout(dropout),
      last, // [n, numClasses, 13, 13]
      new ReLU({ inplace: true }),
      new AdaptiveAvgPool2d([1, 1]), // [n, numClasses, 1, 1]
    );
    this.apply((module) => {
      if (!(module instanceof Conv2d)) return;
      if (module === last) normal(module.weight, { std: 0.01 });
      else kaimingUniform(module.weight);
      if (module.bias) zeros(module.bias);
    });
  }

  protected override forward(x: Tensor): Tensor {
    checkImage('SqueezeNet', x, this.features[0], SIZES[this.version]);
    return flatten(this.classifier.call(this.features.call(x)), 1); // [n, numClasses]
  }
}

/**
 * 1x1 down to few channels, then 1x1 and 3x3 side by side: `[n, inChannels, h, w]` to
 * `[n, expand1x1 + expand3x3, h, w]`.
 */
export class Fire extends Module {
  readonly squeeze: Conv2d;
  readonly squeeze_activation = new ReLU({ inplace: true });
  readonly expand1x1: Conv2d;
  readonly expand1x1_activation = new ReLU({ inplace: true });
  readonly expand3x3: Conv2d;
  readonly expand3x3_activation = new ReLU({ inplace: true });

  constructor(inChannels: number, squeeze: number, expand1x1: number, expand3x3: number) {
    super();
    this.squeeze = new Conv2d(inChannels, squeeze, 1);
    this.expand1x1 = new Conv2d(squeeze, expand1x1, 1);
    this.expand3x3 = new Conv2d(squeeze, expand3x3, 3, { padding: 1 });
  }

  protected override forward(x: Tensor): Tensor {
    const y = this.squeeze_activation.call(this.squeeze.call(x));
    const narrow = this.expand1x1_activation.call(this.expand1x1.call(y));
    const wide = this.expand3x3_activation.call(this.expand3x3.call(y));
    return cat([narrow, wide], 1);
  }
}

function features10(inChannels: number): Sequential {
  return new Sequential(
    new Conv2d(inChannels, 96, 7, { stride: 2 }), // [n, 96, 109, 109]
    new ReLU({ inplace: true }),
    pool(), // [n, 96, 54, 54]
    new Fire(96, 16, 64, 64),
    new Fire(128, 16, 64, 64),
    new Fire(128, 32, 128, 128),
    pool(), // [n, 256, 27, 27]
    new Fire(256, 32, 128, 128),
    new Fire(256, 48, 192, 192),
    new Fire(384, 48, 192, 192),
    new Fire(384, 64, 256, 256),
    pool(), // [n, 512, 13, 13]
    new Fire(512, 64, 256, 256),
  );
}

function features11(inChannels: number): Sequential {
  return new Sequential(
    new Conv2d(inChannels, 64, 3, { stride: 2 }), // [n, 64, 111, 111]
    new ReLU({ inplace: true }),
    pool(), // [n, 64, 55, 55]
    new Fire(64, 16, 64, 64),
    new Fire(128, 16, 64, 64),
    pool(), // [n, 128, 27, 27]
    new Fire(128, 32, 128, 128),
    new Fire(256, 32, 128, 128),
    pool(), // [n, 256, 13, 13]
    new Fire(256, 48, 192, 192),
    new Fire(384, 48, 192, 192),
    new Fire(384, 64, 256, 256),
    new Fire(512, 64, 256, 256),
  );
}

function pool(): MaxPool2d {
  return new MaxPool2d(3, { stride: 2, ceilMode: true });
}

const PAPER: Paper = {
  title: 'SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size',
  authors: 'Forrest N. Iandola, Song Han, Matthew W. Moskewicz, Khalid Ashraf, William J. Dally, Kurt Keutzer',
  year: 2016,
  url: 'https://arxiv.org/abs/1602.07360',
};

/** torchvision's features without the classifier, between the seven layers of the perceptual metric LPIPS. */
const LPIPS_WEIGHTS: WeightsEntry = {
  file: 'lpips_squeeze.pt',
  sha256: '7cd946eed7f1fe14bd62e8de052a03eb5a960d7d03fb8a20da8f5d861058ed5f',
  url: 'https://github.com/tracel-ai/burn/raw/23c98e9d7db5e2c348eb395004bf928c3f05d2a5/examples/lpips-test/weights/lpips_squeeze.pt',
  classes: 'imagenet',
  preprocessing: IMAGENET_PREPROCESSING,
  rename: (name) => /^net\.slice\d+\.(\d+\..+)$/.exec(name)?.[1].replace(/^/, 'features.'),
  isPartial: true,
};

export const SQUEEZENET_ENTRIES: readonly ModelEntry[] = [
  entry('1_0', [torchvisionWeights('squeezenet1_0-b66bff10', 58.092, 80.42)]),
  entry('1_1', [torchvisionWeights('squeezenet1_1-b8a52dc0', 58.178, 80.624), LPIPS_WEIGHTS]),
];

function entry(version: SqueezeNetVersion, weights: readonly WeightsEntry[]): ModelEntry {
  const name = `squeezenet${version}`;
  return {
    name,
    family: 'SqueezeNet',
    paper: PAPER,
    head: 'classifier.1',
    inputShape: [3, 224, 224],
    ...SIZES[version],
    numClasses: 1000,
    ...(weights[0].accuracy && { accuracy: weights[0].accuracy }),
    weights,
    create: (options = {}) =>
      new SqueezeNet(version, pickOptions(name, options, ['numClasses', 'inChannels', 'dropout'])),
  };
}
