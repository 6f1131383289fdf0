// LeNet-5, ResNet-18 and AlexNet written once, over whatever computes: the peers and the float64 reference each bring
// their layers. wgrad does not use this: it runs its own models, as its users do.
import type { ModelName } from './workload.ts';

/** What a library brings. Layers find their parameters by torchvision's names: `name.weight`, `name.bias`. */
export interface Layers<T> {
  /** With a bias where there is a parameter of that name. */
  conv2d(x: T, name: string, options: { stride?: number; padding?: number; relu?: boolean }): T;
  /** By the batch in a training step, else by the running statistics; eps 1e-5. */
  batchNorm2d(x: T, name: string): T;
  relu(x: T): T;
  /** Padding is never chosen: only behind a ReLU, where zeros do as well. */
  maxPool2d(x: T, options: { kernel: number; stride: number; padding?: number }): T;
  /** `[n, c, h, w]` to `[n, c]`. */
  globalAvgPool(x: T): T;
  flatten(x: T): T;
  linear(x: T, name: string, options?: { relu?: boolean }): T;
  add(a: T, b: T): T;
  /** `x`, which will be used once more: for libraries that count references. */
  share(x: T): T;
}

/** Images to logits. */
export const networks: Readonly<Record<ModelName, <T>(layers: Layers<T>, x: T) => T>> = { lenet5, resnet18, alexnet };

function lenet5<T>(layers: Layers<T>, x: T): T {
  let y = layers.conv2d(x, 'conv1', { padding: 2, relu: true }); // [n, 6, 28, 28]
  y = layers.maxPool2d(y, { kernel: 2, stride: 2 }); // [n, 6, 14, 14]
  y = layers.conv2d(y, 'conv2', { relu: true }); // [n, 16, 10, 10]
  y = layers.flatten(layers.maxPool2d(y, { kernel: 2, stride: 2 })); // [n, 400]
  y = layers.linear(y, 'fc1', { relu: true });
  y = layers.linear(y, 'fc2', { relu: true });
  return layers.linear(y, 'fc3'); // [n, 10]
}

function resnet18<T>(layers: Layers<T>, x: T): T {
  let y = layers.conv2d(x, 'conv1', { stride: 2, padding: 3 }); // [n, 64, h/2, w/2]
  y = layers.relu(layers.batchNorm2d(y, 'bn1'));
  y = layers.maxPool2d(y, { kernel: 3, stride: 2, padding: 1 }); // [n, 64, h/4, w/4]
  for (const stage of [1, 2, 3, 4]) {
    for (const block of [0, 1]) {
      const stride = stage > 1 && block === 0 ? 2 : 1;
      y = basicBlock(layers, y, `layer${stage}.${block}`, stride);
    }
  }
  return layers.linear(layers.globalAvgPool(y), 'fc'); // [n, 1000]
}

function basicBlock<T>(layers: Layers<T>, x: T, name: string, stride: number): T {
  let y = layers.conv2d(layers.share(x), `${name}.conv1`, { stride, padding: 1 });
  y = layers.relu(layers.batchNorm2d(y, `${name}.bn1`));
  y = layers.conv2d(y, `${name}.conv2`, { padding: 1 });
  y = layers.batchNorm2d(y, `${name}.bn2`);
  const shortcut =
    stride === 1 ? x : layers.batchNorm2d(layers.conv2d(x, `${name}.downsample.0`, { stride }), `${name}.downsample.1`);
  return layers.relu(layers.add(y, shortcut));
}

function alexnet<T>(layers: Layers<T>, x: T): T {
  const pool = { kernel: 3, stride: 2 };
  let y = layers.conv2d(x, 'features.0', { stride: 4, padding: 2, relu: true }); // [n, 64, 55, 55]
  y = layers.conv2d(layers.maxPool2d(y, pool), 'features.3', { padding: 2, relu: true }); // [n, 192, 27, 27]
  y = layers.conv2d(layers.maxPool2d(y, pool), 'features.6', { padding: 1, relu: true }); // [n, 384, 13, 13]
  y = layers.conv2d(y, 'features.8', { padding: 1, relu: true });
  y = layers.conv2d(y, 'features.10', { padding: 1, relu: true }); // [n, 256, 13, 13]
  y = layers.flatten(layers.maxPool2d(y, pool)); // [n, 9216]; the adaptive pooling to 6x6 changes nothing at 224
  y = layers.linear(y, 'classifier.1', { relu: true });
  y = layers.linear(y, 'classifier.4', { relu: true });
  return layers.linear(y, 'classifier.6'); // [n, 1000]
}
