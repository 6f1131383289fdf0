// LeNet-5 trained in a page, on images that it has in memory.
import { createDevice, crossEntropy, writeSafetensors } from 'wgrad';
import { DataLoader } from 'wgrad/datasets';
import { LeNet5 } from 'wgrad/models';
import { Adam } from 'wgrad/optim';

export async function train(dataset, onLoss) {
  const device = await createDevice();
  const model = new LeNet5().to(device, { seed: 0 });
  const optimizer = new Adam(model.parameters(), { lr: 2e-3 });
  for await (const { x, shape, labels } of new DataLoader(dataset, { batchSize: 64, shuffle: true })) {
    const step = device.scope();
    const loss = crossEntropy(model.call(device.tensor(x, shape)), device.tensor(labels));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    onLoss(await loss.item());
    step.dispose();
  }
  return writeSafetensors(await model.stateDict());
}
