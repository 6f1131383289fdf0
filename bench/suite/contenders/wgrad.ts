// wgrad as a contender: the calls, models and optimizers that a user's program has.
import { readFileSync } from 'node:fs';
import type { CapturedStep } from '../../../engine/capture/index.ts';
import type { Device } from '../../../engine/device.ts';
import { conv2d } from '../../../engine/functional/conv.ts';
import { matmul } from '../../../engine/functional/linear.ts';
import { crossEntropy } from '../../../engine/functional/loss.ts';
import { batchNorm2d } from '../../../engine/functional/normalization.ts';
import { maxPool2d } from '../../../engine/functional/pooling.ts';
import type { HostTensor } from '../../../engine/hostTensor.ts';
import { createDevice } from '../../../engine/node/createDevice.ts';
import { Adam, SGD } from '../../../engine/optim/index.ts';
import { Tensor } from '../../../engine/tensor.ts';
import { createModel } from '../../../models/index.ts';
import { packageRoot } from '../packageRoot.ts';
import type { Problem } from '../problem.ts';
import { serve, type Work } from '../serve.ts';
import { type Input, valuesOf } from '../values.ts';
import type { Workload } from '../workload.ts';

const { version } = JSON.parse(readFileSync(`${packageRoot()}/package.json`, 'utf8'));

serve({ version, create });

async function create(problem: Problem): Promise<Work> {
  const device = await createDevice();
  const { workload } = problem;
  const work =
    workload.kind === 'adam'
      ? adam(device, problem)
      : workload.kind === 'forward' || workload.kind === 'step'
        ? model(device, workload, problem)
        : operation(device, workload, problem.inputs);
  await device.idle();
  return work;
}

function operation(
  device: Device,
  workload: Exclude<Workload, { model: string }>,
  inputs: Readonly<Record<string, Input>>,
): Work {
  const isTraining = 'pass' in workload && workload.pass === 'training';
  const tensors = new Map(Object.entries(inputs).map(([name, input]) => [name, place(device, input)]));
  const leaves = [...tensors].filter(([name]) => isTraining && name !== 'dy');
  for (const [, tensor] of leaves) tensor.requiresGrad = true;
  const take = (name: string) => tensors.get(name)!;
  const running =
    workload.kind === 'batchNorm2d'
      ? { runningMean: device.tensor(new Float32Array(workload.channels)), runningVar: ones(device, workload.channels) }
      : {};
  let y: Tensor | undefined;

  return {
    run() {
      using _run = device.scope();
      for (const [, leaf] of leaves) leaf.grad = null;
      const result = forward();
      if (isTraining) result.backward(take('dy'));
      y?.dispose();
      y = device.keep(result.detach());
    },
    finish: () => firstNumber(leaves.length ? leaves.at(-1)![1].grad! : y!),
    async outputs() {
      if (!isTraining) return { y: await y!.data() };
      const outputs: Record<string, ArrayLike<number>> = {};
      for (const [name, leaf] of leaves) outputs[`d${name}`] = await leaf.grad!.data();
      return outputs;
    },
  };

  function forward(): Tensor {
    if (workload.kind === 'matmul') return matmul(take('a'), take('b'));
    if (workload.kind === 'conv2d') return conv2d(take('x'), take('weight'), undefined, workload);
    if (workload.kind === 'maxPool2d') return maxPool2d(take('x'), workload.kernel, { stride: workload.stride });
    return batchNorm2d(take('x'), { weight: take('weight'), bias: take('bias'), ...running, training: true });
  }
}

function adam(device: Device, { parameters, inputs }: Problem): Work {
  const leaves = Object.entries(inputs).map(([name, gradient]) => {
    const parameter = place(device, parameters[name]);
    parameter.requiresGrad = true;
    return { name, parameter, gradient: place(device, gradient) };
  });
  const optimizer = new Adam(leaves.map(({ parameter }) => parameter));
  // through a backward pass, so that the gradients lie where the optimizer wants them
  for (const { parameter, gradient } of leaves) device.tidy(() => parameter.mul(gradient).sum().backward());
  return {
    run: () => optimizer.step(),
    finish: () => firstNumber(leaves[0].parameter),
    async outputs() {
      const outputs: Record<string, ArrayLike<number>> = {};
      for (const { name, parameter } of leaves) outputs[name] = await parameter.data();
      return outputs;
    },
  };
}

function model(device: Device, workload: Extract<Workload, { batch: number; model: string }>, problem: Problem): Work {
  const net = createModel(workload.model).to(device);
  const isStep = workload.kind === 'step';
  const dict = new Map<string, HostTensor>(
    Object.entries(problem.parameters).map(([name, input]) => [
      name,
      { dtype: 'float32', shape: [...input.shape], data: valuesOf(input) },
    ]),
  );
  for (const name of dict.keys())
    if (name.endsWith('running_var'))
      dict.set(name.replace('running_var', 'num_batches_tracked'), {
        ...{ dtype: 'int64', shape: [], data: new BigInt64Array(1) },
      });
  net.loadStateDict(dict);
  if (!isStep) net.eval();
  const optimizer = isStep ? new SGD(net.parameters(), { lr: workload.learningRate }) : undefined;
  const x = place(device, problem.inputs.x);
  const labels = device.tensor(Uint32Array.from(problem.labels));
  let last: Tensor | undefined;
  // as train() and fineTune() run their steps
  let step: CapturedStep<Tensor> | undefined;
  let isWarm = false;

  return {
    run() {
      if (isWarm) return runOnce();
      isWarm = true;
      return device.warmUp(optimizer ? () => stepOf(optimizer) : () => device.noGrad(() => net.call(x))).then(runOnce);
    },
    finish: () => firstNumber(last!),
    async outputs() {
      if (!optimizer) return { y: await last!.data() };
      const state = await net.stateDict();
      return Object.fromEntries([...state].map(([name, { data }]) => [name, data as ArrayLike<number>]));
    },
  };

  function runOnce(): void {
    if (optimizer) last = step ? step.replay() : captureStep(optimizer);
    else inference();
  }

  function inference(): void {
    using _run = device.scope();
    const y = device.noGrad(() => net.call(x));
    last?.dispose();
    last = device.keep(y.detach());
  }

  function captureStep(sgd: SGD): Tensor {
    step = device.capture(() => stepOf(sgd));
    return step.result;
  }

  function stepOf(sgd: SGD): Tensor {
    const loss = crossEntropy(net.call(x), labels);
    sgd.zeroGrad();
    loss.backward();
    sgd.step();
    return loss;
  }
}

/** Convolution and linear weights in the order in which modules keep them. */
function place(device: Device, input: Input): Tensor {
  const { shape, isWeight } = input;
  const layout = !isWeight ? 'any' : shape.length === 4 ? 'convWeight' : 'linearWeight';
  return device.tensor(valuesOf(input), shape, { layout });
}

function ones(device: Device, count: number): Tensor {
  return device.tensor(new Float32Array(count).fill(1));
}

/** Four bytes of a tensor of any size: a copy behind everything that was enqueued. */
async function firstNumber({ device, storage, byteOffset }: Tensor): Promise<number> {
  const first = new Tensor(device, { shape: [1], dtype: 'float32', order: [0] }, storage.retain(), byteOffset);
  try {
    return await first.item();
  } finally {
    first.dispose();
  }
}
