// A page that uses every subpath for browsers.
import {
  createDevice,
  crossEntropy,
  type Device,
  defineOperation,
  loadWeights,
  openCheckpoint,
  type Tensor,
  writeSafetensors,
} from 'wgrad';
import { DataLoader, type Dataset, glyphs } from 'wgrad/datasets';
import { flatGrid, launch, type Room, registry, sizeOf } from 'wgrad/kernels';
import { createModel, LeNet5, type ModelEntry, modelEntries } from 'wgrad/models';
import { diagram } from 'wgrad/models/diagram';
import { Conv2d, Module, Sequential } from 'wgrad/nn';
import { AdamW, CosineAnnealingLR } from 'wgrad/optim';
import { curvesSvg, type EpochRow, evaluate, fineTune, train } from 'wgrad/training';

class Twice extends Module {
  readonly conv = new Conv2d(1, 4, 3, { padding: 1 });
  readonly rest = new Sequential(new Conv2d(4, 4, 3));

  protected override forward(x: Tensor): Tensor {
    return this.rest.call(this.conv.call(x)).relu();
  }
}

const double = defineOperation({
  name: 'double',
  inputs: [{ name: 'x', layout: 'any' }],
  wgsl: { forward: '' },
  infer: ({ x }, _: { by: number }) => ({ y: x }),
  forward: ({ inputs: { x } }, { forward }) => [
    launch(forward, { params: {}, workgroups: flatGrid(sizeOf(x.shape), 64) }),
  ],
});

export async function program(gpu: GPUDevice, file: Blob): Promise<Uint8Array> {
  const device: Device = await createDevice({ device: gpu });
  const data: Dataset = glyphs({ count: 64 });
  const model = new LeNet5().to(device);
  await loadWeights(model, await openCheckpoint(file));
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3 });
  const scheduler = new CosineAnnealingLR(optimizer, { tMax: 10 });
  for await (const { x, shape, labels } of new DataLoader(data, { batchSize: 32 })) {
    using _ = device.scope();
    const loss: Tensor = crossEntropy(model.call(device.tensor(x, shape)), device.tensor(labels));
    loss.backward();
    optimizer.step();
    scheduler.step();
  }
  const { buffer, offset }: GPUBufferBinding = double({ x: device.tensor([1]) }, { by: 2 }).binding();
  const { accuracy } = await evaluate(model, device, data);
  const { test } = await fineTune(createModel('lenet5'), { train: data, test: data }, { device, cache: 'device' });
  const rows: EpochRow[] = [];
  const svg: string = await curvesSvg(rows);
  const rooms: readonly Room[] = registry;
  const entries: readonly ModelEntry[] = modelEntries();
  console.log(buffer, offset, accuracy, test?.loss, svg, rooms.length, entries[0].name, new Twice(), diagram, train);
  return writeSafetensors(await model.stateDict());
}
