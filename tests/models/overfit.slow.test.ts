// Every architecture learns the first image of each of eight classes of CIFAR-10 by heart: all eight right in inference
// mode, within the stated number of steps of Adam on the whole batch. MODEL=name,name runs some of them alone.
import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset } from '../../datasets/dataset.ts';
import { loadCifar10 } from '../../datasets/node/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { ModelOptions } from '../../models/entry.ts';
import { modelEntries } from '../../models/index.ts';
import { firstOfEachClass, fitted, overfit } from './overfit.ts';

interface Settings {
  /** Of Adam. */
  readonly lr: number;
  /** Most steps. */
  readonly steps: number;
  /** Least height and width; the model's own smallest size counts too. Default 32. */
  readonly size?: number;
  readonly options?: ModelOptions;
  /** Of the first values. Default 0. */
  readonly seed?: number;
  /** Of the head. Default: as the data set, 10. */
  readonly classes?: number;
}

/** The first pattern that fits a model's name counts. Without dropout where it asks for hundreds of steps more. */
const SETTINGS: readonly [RegExp, Settings][] = [
  [/^(lenet5|mnist_convnet)/, { lr: 3e-3, steps: 200 }],
  [/^alexnet/, { lr: 3e-4, steps: 80 }],
  [/^vgg/, { lr: 1e-4, steps: 80, options: { dropout: 0 } }],
  // A channel per class in all three layers of the last block, each rectified: ten are so few that what dies is missed,
  // and five of eight is the best that a dozen settings reached.
  [/^nin/, { lr: 1e-4, steps: 100, classes: 100, options: { dropout: 0 } }],
  [/^squeezenet/, { lr: 1e-4, steps: 200, size: 64, seed: 3 }],
  [/^googlenet/, { lr: 1e-3, steps: 150, size: 64 }],
  [/^resnet(18|34)$/, { lr: 1e-3, steps: 100 }],
  [/^resnet(50|101|152)$/, { lr: 3e-4, steps: 150, size: 64 }],
  [/^(resnet|inception_resnet)/, { lr: 1e-3, steps: 150 }],
  [/^mobilenet/, { lr: 2e-3, steps: 250, size: 64 }],
];
const CLASSES = 8;

const data = process.env.WGRAD_DATA ?? '';
const where = data && existsSync(`${data}/cifar-10-batches-bin`) ? suite('overfit') : undefined;
if (!where) console.log('skipped: WGRAD_DATA names no folder with cifar-10-batches-bin');
const asked = process.env.MODEL?.split(',');

if (where) {
  const device = await createDevice();
  const images = firstOfEachClass(await loadCifar10(data, { train: false }), CLASSES);
  for (const entry of modelEntries().filter(({ name }) => asked?.includes(name) ?? true)) {
    const settings = SETTINGS.find(([pattern]) => pattern.test(entry.name))![1];
    const { lr, steps, size = 32, options, seed = 0, classes = images.classes.length } = settings;
    where(`${entry.name} has all ${CLASSES} images right within ${steps} steps of Adam at ${lr}`, async () => {
      const model = entry.create({ numClasses: classes, ...options }).to(device, { seed });
      const preprocessing = fitted(images, {
        ...entry,
        minSize: Math.max(entry.minSize, Math.min(size, entry.maxSize ?? size)),
      });
      const before = performance.now();
      const {
        right,
        loss,
        steps: taken,
      } = await overfit(device, model, withClasses(images, classes), { preprocessing, lr, steps });
      const seconds = ((performance.now() - before) / 1000).toFixed(0);
      console.log(`${entry.name}: ${right} of ${CLASSES} after ${taken} steps, loss ${loss.toFixed(3)}, ${seconds} s`);
      model.dispose();
      device.trimMemory();
      assert.is(right, CLASSES);
    });
  }
  where.run();
}

/** The same images for a head with more classes than they have. */
function withClasses(dataset: Dataset, classes: number): Dataset {
  return { ...dataset, classes: Array.from({ length: classes }, (_, i) => dataset.classes[i] ?? `unused ${i}`) };
}
