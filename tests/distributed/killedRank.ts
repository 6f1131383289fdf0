// Trains a small model on the glyphs in every rank; `killedRank.ts RANK STEP TIMEOUT`: that rank is killed in that step.
import { glyphs } from '../../datasets/index.ts';
import { Flatten, Linear, Sequential } from '../../engine/nn/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { SGD } from '../../engine/optim/index.ts';
import { DataParallel, train } from '../../training/index.ts';
import { joinRanks } from '../../training/node/mpi/index.ts';

const [victim, atStep, timeout] = process.argv.slice(2).map(Number);
const { communicator } = (await joinRanks({ timeout }))!;
const device = await createDevice();
const model = new Sequential(new Flatten(), new Linear(784, 10)).to(device, { seed: 1 });
try {
  await train({
    ...{ model, device, epochs: 50, batchSize: 20, distributed: new DataParallel(communicator) },
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    ...{ trainSet: glyphs({ count: 400 }), testSet: glyphs({ train: false, count: 40 }) },
    onStep: ({ progress }) => {
      if (communicator.rank === victim && progress.step === atStep) process.kill(process.pid, 'SIGKILL');
    },
  });
} catch (error) {
  const { name, message } = error as Error;
  process.stdout.write(`${JSON.stringify({ rank: communicator.rank, name, message })}\n`);
  setTimeout(() => communicator.abort(3), 2000);
}
