// What evaluation counts, on a model whose logits are the image itself; what fits which model.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { flatten } from '../../engine/functional/shape.ts';
import { Module } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { ShapeError } from '../../kernels/errors.ts';
import { checkModelFits, evaluate } from '../../training/index.ts';

class Pixels extends Module {
  protected override forward(x: Tensor): Tensor {
    return flatten(x, 1);
  }
}

const test = suite('evaluate');
let device: Device;
test.before(async () => {
  device = await createDevice();
});

/** Images of ten pixels, which become logits 0 to 5; every row is an image. */
function tenPixels(rows: number[][], labels: number[]): Dataset {
  return {
    name: 'ten pixels',
    images: Uint8Array.from(rows.flat()),
    labels: Uint8Array.from(labels),
    count: rows.length,
    shape: [1, 2, 5],
    classes: [...'abcdefghij'],
    mean: [0],
    std: [0.2],
  };
}

const rows = [
  [255, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  [7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
];

test('top-5 counts labels among the five largest logits, the first of equal ones counting as larger', async () => {
  const first = await evaluate(new Pixels(), device, tenPixels(rows, [0, 9, 5, 0, 4]));
  assert.equal([first.total, first.top1, first.top5, first.accuracy], [5, 3, 5, 0.6]);
  assert.equal([...first.predictions], [0, 9, 9, 0, 0]);
  const second = await evaluate(new Pixels(), device, tenPixels(rows, [5, 4, 0, 5, 9]));
  assert.equal([second.top1, second.top5], [0, 0]);
});

test('loss and probability are those of softmax', async () => {
  const { loss, probabilities } = await evaluate(new Pixels(), device, tenPixels(rows.slice(0, 1), [1]));
  const sum = Math.exp(5) + 9;
  assert.ok(Math.abs(loss - Math.log(sum)) < 1e-6);
  assert.ok(Math.abs(probabilities[0] - Math.exp(5) / sum) < 1e-6);
});

test('limit stops within a batch, and progress is told after every batch', async () => {
  const seen: [number, number][] = [];
  const result = await evaluate(new Pixels(), device, tenPixels(rows, [0, 9, 5, 0, 4]), {
    batchSize: 2,
    limit: 3,
    onBatch: (done, { top1 }) => seen.push([done, top1]),
  });
  assert.equal([result.total, result.top1, result.predictions.length], [3, 2, 3]);
  assert.equal(seen, [
    [2, 2],
    [3, 2],
  ]);
});

test('a preprocessing takes the place of the own mean and std, and crops', async () => {
  const plain = tenPixels(rows, [0, 9, 5, 0, 4]);
  const framed = rows.map((row) => [
    ...new Array(7).fill(200),
    ...[200, ...row.slice(0, 5), 200],
    ...[200, ...row.slice(5), 200],
    ...new Array(7).fill(200),
  ]);
  const large: Dataset = { ...plain, images: Uint8Array.from(framed.flat()), shape: [1, 4, 7], std: [9] };
  const expected = await evaluate(new Pixels(), device, plain);
  const found = await evaluate(new Pixels(), device, large, {
    preprocessing: { crop: [2, 5], mean: [0], std: [0.2] },
    batchSize: 2,
  });
  assert.equal(found.predictions, expected.predictions);
  assert.ok(Math.abs(found.loss - expected.loss) < 1e-6);
  const shifted = await evaluate(new Pixels(), device, plain, { preprocessing: { mean: [0.5], std: [2] } });
  assert.ok(Math.abs(shifted.loss - expected.loss) > 0.1);
});

test('a model with more or fewer classes than the data set is refused', async () => {
  const dataset = { ...tenPixels(rows, [0, 1, 2, 3, 4]), classes: [...'abcdefgh'] };
  const error = await evaluate(new Pixels(), device, dataset).catch((thrown: Error) => thrown);
  assert.instance(error, ShapeError);
  assert.match((error as Error).message, 'logits of [5, 8] for this data set, not [5, 10]');
});

test('a model that cannot read images of a size says which it reads', () => {
  const entry = (sizes: { minSize: number; maxSize?: number }) => ({ name: 'net', ...sizes }) as never;
  checkModelFits(entry({ minSize: 32 }), 'cifar10', [32, 32]);
  checkModelFits(entry({ minSize: 28, maxSize: 31 }), 'mnist', [28, 31]);
  const cases: [{ minSize: number; maxSize?: number }, RegExp][] = [
    [{ minSize: 63 }, /^net reads images of at least 63x63, but those of cifar10 are 32x32$/],
    [{ minSize: 28, maxSize: 31 }, /images of 28x28 to 31x31, but/],
    [{ minSize: 28, maxSize: 28 }, /images of 28x28, but/],
  ];
  for (const [sizes, message] of cases) {
    assert.throws(
      () => checkModelFits(entry(sizes), 'cifar10', [32, 32]),
      (error: Error) => error instanceof ShapeError && message.test(error.message),
    );
  }
});

test.run();
