// LeNet-5 in wgrad: the model, optimizer and scope that a user's training loop has.
import { crossEntropy } from '../../engine/functional/loss.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { LeNet5 } from '../../models/lenet.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { type LenetKey, type LenetWeights, lenetKeys, lenetShapes, type Problem } from '../problem.ts';
import { type LenetTrainer, serveContender } from '../serveContender.ts';

serveContender({ version: packageJson.version, create });

async function create({
  batchSize,
  learningRate,
  weights,
  x: images,
  labels: classes,
}: Problem): Promise<LenetTrainer> {
  const device = await createDevice();
  const model = new LeNet5().to(device);
  model.loadStateDict(
    new Map(
      lenetKeys().map((key) => [
        key,
        { dtype: 'float32', shape: lenetShapes[key], data: Float32Array.from(weights[key]) },
      ]),
    ),
  );
  const optimizer = new SGD(model.parameters(), { lr: learningRate });
  const x = device.tensor(images, [batchSize, 1, 28, 28]);
  const labels = device.tensor(classes, [batchSize], { dtype: 'uint32' });
  let last: Tensor | undefined;
  await device.idle();

  return {
    step() {
      using _step = device.scope();
      const loss = crossEntropy(model.call(x), labels);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      last?.dispose();
      last = device.keep(loss.detach());
    },
    finish: () => last!.item(),
    async weights() {
      const dict = await model.stateDict();
      return Object.fromEntries(lenetKeys().map((key: LenetKey) => [key, [...dict.get(key)!.data]])) as LenetWeights;
    },
  };
}
