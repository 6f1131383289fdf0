// One workload of measureModel.ts in a process of its own, so that its peak memory is its own: prints one JSON line.
import { crossEntropy } from '../engine/functional/loss.ts';
import type { Module } from '../engine/nn/module.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { SGD } from '../engine/optim/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import { createModel } from '../models/index.ts';
import type { ModelTimes, Workload } from './measureModel.ts';

const workload: Workload = JSON.parse(process.argv[2]);
const { model: name, batch, size, mode, runs, captured = false } = workload;
const device = await createDevice();
const model = createModel(name).to(device) as Module;
const shape = [batch, 3, size, size];
const images = Float32Array.from({ length: batch * 3 * size * size }, (_, i) => Math.sin(i)); // no ties, no symmetry
const labels = Uint32Array.from({ length: batch }, (_, i) => i);
const optimizer = mode === 'train' ? new SGD(model.parameters(), { lr: 1e-3, momentum: 0.9 }) : undefined;
if (!optimizer) model.eval();
await device.idle();

const milliseconds: number[] = [];
let result = 0;
let replay: (() => Tensor) | undefined;
for (let run = 0; run <= runs; run++) {
  const start = performance.now();
  result = await (optimizer ? trainingStep(optimizer) : forward());
  await device.idle();
  milliseconds.push(performance.now() - start);
}
const [firstMs, ...runMs] = milliseconds;
const { peakBytes, reservedBytes } = device.memory();
const residentBytes = process.resourceUsage().maxRSS * 1024;
const times: ModelTimes = { ...workload, firstMs, runMs, peakBytes, reservedBytes, residentBytes, result };
console.log(JSON.stringify({ adapter: device.adapterName, times }));
process.exit(0);

/** One logit: read, so that the work is done. */
async function forward(): Promise<number> {
  using _ = device.scope();
  return (await device.noGrad(() => model.call(device.tensor(images, shape))).data())[0];
}

/** Forward, softmax cross-entropy, backward, update; the loss. */
async function trainingStep(sgd: SGD): Promise<number> {
  if (captured) {
    replay ??= captureStep(sgd);
    return replay().item();
  }
  using _ = device.scope();
  return step(sgd, device.tensor(images, shape), device.tensor(labels)).item();
}

function captureStep(sgd: SGD): () => Tensor {
  const [x, target] = [device.tensor(images, shape), device.tensor(labels)];
  const captured = device.capture(() => step(sgd, x, target));
  let isFirst = true; // capturing runs the step once
  return () => {
    if (!isFirst) captured.replay();
    isFirst = false;
    return captured.result;
  };
}

function step(sgd: SGD, x: Tensor, target: Tensor): Tensor {
  const loss = crossEntropy(model.call(x), target);
  sgd.zeroGrad();
  loss.backward();
  sgd.step();
  return loss;
}
