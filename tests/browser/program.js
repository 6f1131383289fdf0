// The program that runs in the browser and in Node alike: it gets a device and imports wgrad as a user would.
import { conv2d, crossEntropy } from 'wgrad';
import { batchOf, glyphs, Random } from 'wgrad/datasets';
import { ndarray, registry } from 'wgrad/kernels';
import { LeNet5 } from 'wgrad/models';
import { SGD } from 'wgrad/optim';

const STEPS = 10;
const BATCH_SIZE = 8;

/** A convolution and its gradients on the GPU, each beside the float64 reference: `{ y: { actual, expected }, … }`. */
export async function convolve(device) {
  const random = new Random(1);
  const draw = (...shape) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    return ndarray(
      shape,
      Float32Array.from({ length: size }, () => random.normal()),
    );
  };
  const options = { stride: 2, padding: 1, groups: 2 };
  const inputs = { x: draw(2, 4, 9, 7), weight: draw(6, 2, 3, 3), bias: draw(6) };
  const dy = draw(2, 6, 5, 4);

  const { reference } = registry.find(({ operation }) => operation.name === 'conv2d');
  const outputs = reference.forward(inputs, options);
  const gradients = reference.backward(inputs, outputs, dy, options);

  const scope = device.scope();
  const tensors = {};
  for (const [name, { data, shape }] of Object.entries(inputs)) {
    tensors[name] = device.tensor(data, shape);
    tensors[name].requiresGrad = true;
  }
  const y = conv2d(tensors.x, tensors.weight, tensors.bias, options);
  y.backward(device.tensor(dy.data, dy.shape));
  const compared = { y: { actual: [...(await y.data())], expected: [...outputs.y.data] } };
  for (const [name, { grad }] of Object.entries(tensors)) {
    compared[`d${name}`] = { actual: [...(await grad.data())], expected: [...gradients[name].data] };
  }
  scope[Symbol.dispose]();
  return compared;
}

/** LeNet-5 on one batch of generated digits: the loss of each step, the memory after each. Calls `onStep` with both. */
export async function train(device, onStep = () => {}) {
  const batch = batchOf(glyphs({ count: BATCH_SIZE }), [...Array(BATCH_SIZE).keys()]);
  const model = new LeNet5().to(device, { seed: 0 });
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const x = device.tensor(batch.x, batch.shape);
  const labels = device.tensor(batch.labels, [BATCH_SIZE], { dtype: 'uint32' });
  const steps = [];
  for (let step = 0; step < STEPS; step++) {
    const loss = device.tidy(() => {
      const mean = crossEntropy(model.call(x), labels);
      optimizer.zeroGrad();
      mean.backward();
      optimizer.step();
      return mean;
    });
    const value = await loss.item();
    loss.dispose();
    steps.push({ loss: value, memory: device.memory() });
    onStep(steps.at(-1));
  }
  return steps;
}
