// `--tune` and `--deterministic` of the commands that train.
import { type Command, Option } from 'commander';
import type { Device } from '../engine/device.ts';
import { createDevice, EXACT_TIMES } from '../engine/node/createDevice.ts';
import type { ModelEntry } from '../models/entry.ts';
import { tuneFor } from './tuneModel.ts';

export interface TuningFlags {
  tune?: boolean | undefined;
  deterministic?: boolean | undefined;
}

export function addTuningOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--tune',
        'choose kernels by measurement, made now where there is none (see `wgrad tune`); other bits result',
      ).conflicts('deterministic'),
    )
    .option('--deterministic', 'never choose kernels by measurement: the same bits on the same adapter (default)');
}

/** A device for training the model on such images: with `tune`, everything its steps run has been measured. */
export async function openTunedDevice(
  entry: ModelEntry,
  { tune = false, adapter, ...step }: TuningFlags & Parameters<typeof tuneFor>[2] & { adapter?: string | undefined },
): Promise<Device> {
  const wish = adapter === undefined ? {} : { adapter };
  if (!tune) return createDevice(wish);
  const device = await createDevice({ ...wish, tuning: 'measure', dawnOptions: [EXACT_TIMES] });
  await tuneFor(entry, device, step);
  return device;
}
