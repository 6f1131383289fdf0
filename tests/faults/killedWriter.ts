// Saves checkpoints of 2 MB, made up, one after the other, until its test kills it; prints the step of each that is saved.
//
//   killedWriter.ts <checkpoint's folder> <first step>
import { writeSync } from 'node:fs';
import type { Device } from '../../engine/device.ts';
import type { StateDict } from '../../engine/hostTensor.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { saveCheckpoint } from '../../training/node/checkpoint.ts';
import { startOfRun } from '../../training/progress.ts';

const [folder, first] = process.argv.slice(2);
for (let step = Number(first); ; step++) {
  const tensors: StateDict = new Map([
    ['weight', { dtype: 'float32', shape: [2 ** 18], data: new Float32Array(2 ** 18).fill(step) }],
  ]);
  const parts = {
    model: { stateDict: async () => tensors } as unknown as AnyModule,
    device: { adapterName: 'none', random: { seed: 0, counter: step } } as Device,
    optimizer: {
      stateDict: async () => ({ type: 'SGD', steps: [step], paramGroups: [{ params: [0], lr: 1 }], tensors }),
      loadStateDict: () => {},
    },
  };
  await saveCheckpoint(folder!, parts, { config: null, progress: { ...startOfRun(), step } });
  writeSync(1, `${step}\n`);
}
