// Trains a small model with batch norm on the glyphs: in ranks with synchronised statistics, or alone with the summed batch.
// Rank 0 prints the losses and the running statistics as JSON.
import { glyphs } from '../../datasets/index.ts';
import { BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import { DataParallel, train } from '../../training/index.ts';
import { joinRanks } from '../../training/node/mpi/index.ts';
import { SynchronousReads } from '../../training/node/readNow.ts';

const joined = await joinRanks({ timeout: 60 });
using reads = new SynchronousReads();
const size = joined?.communicator.size ?? 1;
const distributed =
  joined && new DataParallel(joined.communicator, { syncBatchNorm: (device, all) => reads.read(device, all) });
const device = await createDevice();
const model = new Sequential(
  ...[new Conv2d(1, 8, 5), new BatchNorm2d(8), new ReLU(), new MaxPool2d(4)],
  ...[new Conv2d(8, 8, 3), new BatchNorm2d(8), new ReLU()],
  ...[new Flatten(), new Linear(8 * 4 * 4, 10)],
).to(device, { seed: 3 });
const losses: number[] = [];
try {
  await train({
    // batches of 24 leave 1 of 97, which rank 0 has
    ...{ model, device, distributed, epochs: 2, seed: 5, batchSize: 24 / size },
    ...{ trainSet: glyphs({ count: 97 }), testSet: glyphs({ train: false, count: 20 }) },
    optimizer: new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 }),
    onStep: ({ loss }) => losses.push(loss),
  });
  const state = await model.stateDict();
  const buffers = [...state].filter(([name]) => /running|batches/.test(name));
  const statistics = Object.fromEntries(buffers.map(([name, { data }]) => [name, Array.from(data, Number)]));
  if (!joined || joined.communicator.isMain) console.log(JSON.stringify({ losses, statistics }));
  await joined?.communicator.leave();
} catch (error) {
  joined?.communicator.fail((error as Error).message);
  console.error(error);
  setTimeout(() => (joined ? joined.communicator.abort(1) : process.exit(1)), 500);
}
