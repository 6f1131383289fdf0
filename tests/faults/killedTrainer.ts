// A training run that its test kills: LeNet-5 on a few glyphs, a checkpoint after every step; resumes where there is one.
// Prints `<steps> reported`, where the checkpoint of the step before is on the disk, and `done` at the end.
//
//   killedTrainer.ts <run's folder> <epochs> [every]
import { writeSync } from 'node:fs';
import { glyphs } from '../../datasets/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { defaultRecipe, type RunConfig } from '../../training/index.ts';
import { checkpointFolder, holdsRun, readCheckpoint, run } from '../../training/node/index.ts';

const [out, epochs, every = '1'] = process.argv.slice(2);
const config: RunConfig = {
  ...defaultRecipe(),
  ...{ model: 'lenet5', dataset: 'glyphs', data: null, batchSize: 4, limit: null, seed: 3, epochs: Number(epochs) },
};
const device = await createDevice();
await run({
  ...{ config, device, out: out! },
  trainSet: glyphs({ count: 38 }),
  testSet: glyphs({ train: false, count: 10 }),
  checkpoint: holdsRun(out!) ? readCheckpoint(checkpointFolder(out!), { onDamage: fail }) : undefined,
  checkpointEvery: Number(every),
  onStep: ({ progress }) => void writeSync(1, `${progress.step} reported\n`),
});
writeSync(1, 'done\n');
device.destroy();

/** A kill damages nothing. */
function fail(message: string): never {
  throw new Error(message);
}
