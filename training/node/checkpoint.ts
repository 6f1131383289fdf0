// Checkpoints: everything from which a run continues to the same bytes as if it had never stopped.
//
//   model.safetensors       parameters and buffers, by PyTorch's names
//   optimizer.safetensors   the optimizer's states, by parameter position
//   state.json              configuration, progress, scheduler, random state, the optimizer's hyperparameters
//   manifest.json           length and SHA-256 of these
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Device } from '../../engine/device.ts';
import type { StateDict } from '../../engine/hostTensor.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { onDisk } from '../../engine/node/fileError.ts';
import type { GradScaler, OptimizerState, Scheduler, SchedulerState } from '../../engine/optim/index.ts';
import { readSafetensors, writeSafetensors } from '../../engine/serialization/safetensors.ts';
import { FormatError, WgradError } from '../../kernels/errors.ts';
import type { Progress } from '../progress.ts';
import { type CheckpointState, checkState } from './checkpointState.ts';
import { checkAgainst, MANIFEST, parseManifest } from './manifest.ts';
import { folderVersions, replaceFolder } from './replaceFolder.ts';

/** What a checkpoint needs of an optimizer; all of ours have it. */
export interface ResumableOptimizer {
  stateDict(): Promise<OptimizerState<{ lr: number }>>;
  loadStateDict(state: OptimizerState<{ lr: number }>): void;
}

/** What is saved and restored together. */
export interface Training {
  model: AnyModule;
  device: Device;
  optimizer: ResumableOptimizer;
  scheduler?: Scheduler | undefined;
  scaler?: GradScaler | undefined;
}

export interface Checkpoint extends CheckpointState {
  /** Where it was read from. */
  folder: string;
  model: StateDict;
  optimizerTensors: StateDict;
}

/** Weights of the largest classical models have 0.6 GB, their Adam states twice that. */
const MAX_TENSOR_BYTES = 4 * 2 ** 30;
const MAX_STATE_BYTES = 16 * 2 ** 20;
const MAX_MANIFEST_BYTES = 2 ** 16;

/**
 * Writes a checkpoint; the one before is kept as `<folder>.previous`, those before it go. Waits for the GPU.
 * @param training what is saved
 * @param options.config the caller's own, plain JSON: read back as it is
 * @throws FileError where it cannot be written: the one before stays
 */
export async function saveCheckpoint(
  folder: string,
  { model, device, optimizer, scheduler, scaler }: Training,
  { config, progress }: { config: unknown; progress: Progress },
): Promise<void> {
  const { tensors, ...hyperparameters } = await optimizer.stateDict();
  const state: CheckpointState = {
    format: 'wgrad checkpoint',
    version: 1,
    adapter: device.adapterName,
    config,
    progress,
    random: { seed: device.random.seed, counter: device.random.counter },
    optimizer: hyperparameters,
    scheduler: scheduler?.stateDict() ?? null,
    ...(scaler && { scaler: scaler.stateDict() }),
  };
  replaceFolder(
    folder,
    new Map([
      ['model.safetensors', writeSafetensors(await model.stateDict(), { format: 'pt' })],
      ['optimizer.safetensors', writeSafetensors(tensors)],
      ['state.json', new TextEncoder().encode(`${JSON.stringify(state, null, 2)}\n`)],
    ]),
  );
}

export interface ReadCheckpointOptions {
  /** Told when the last checkpoint is damaged and the one before it is read. Default: a warning of the process. */
  onDamage?: (message: string) => void;
}

/**
 * Reads a checkpoint to the host: where it is damaged, the one before it, which a run keeps as `<folder>.previous`.
 * @throws FormatError when there is none, or a file of it is not what it should be and there is none before it
 * @throws FileError when it cannot be read
 */
export function readCheckpoint(
  folder: string,
  { onDamage = (message) => process.emitWarning(message) }: ReadCheckpointOptions = {},
): Checkpoint {
  const [found, ...before] = folderVersions(folder);
  if (!found) throw new FormatError(`${folder}: there is no checkpoint`);
  try {
    return readVersion(found);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    for (const each of before) {
      const checkpoint = wholeVersion(each);
      if (!checkpoint) continue;
      onDamage(`${error.message}; going back to ${each}, of step ${checkpoint.progress.step}`);
      return checkpoint;
    }
    throw error;
  }
}

function wholeVersion(folder: string): Checkpoint | undefined {
  try {
    return readVersion(folder);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Those that were written before there were manifests have none. */
function readVersion(folder: string): Checkpoint {
  const manifestFile = join(folder, MANIFEST);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const manifest = existsSync(manifestFile)
    ? parseManifest(manifestFile, text(readBounded(manifestFile, MAX_MANIFEST_BYTES)))
    : undefined;
  const read = (name: string, maxBytes: number) => {
    const file = join(folder, name);
    const bytes = readBounded(file, maxBytes);
    if (manifest) checkAgainst(manifest, name, file, bytes);
    return { file, bytes };
  };
  const state = read('state.json', MAX_STATE_BYTES);
  const tensors = (name: string) => {
    const { file, bytes } = read(name, MAX_TENSOR_BYTES);
    return readSafetensors(bytes, { file }).tensors;
  };
  return {
    ...checkState(state.file, text(state.bytes)),
    folder,
    model: tensors('model.safetensors'),
    optimizerTensors: tensors('optimizer.safetensors'),
  };
}

/**
 * Puts model, optimizer, scheduler and the device's random state where the checkpoint was taken.
 * @throws FormatError when the checkpoint belongs to another model, optimizer or scheduler
 */
export function restoreCheckpoint(checkpoint: Checkpoint, training: Training): void {
  const { model, device, optimizer, scheduler, scaler } = training;
  const { folder, random } = checkpoint;
  const fit = (file: string, load: () => void) => {
    try {
      load();
    } catch (error) {
      if (!(error instanceof WgradError)) throw error;
      throw new FormatError(`${join(folder, file)}: ${error.message}`, { cause: error });
    }
  };
  if (Boolean(checkpoint.scheduler) !== Boolean(scheduler)) {
    const [saved, wanted] = [checkpoint.scheduler?.type ?? 'no scheduler', scheduler ? 'one' : 'none'];
    throw new FormatError(`${join(folder, 'state.json')}: holds ${saved}, expected ${wanted}`);
  }
  if (Boolean(checkpoint.scaler) !== Boolean(scaler)) {
    const [saved, wanted] = checkpoint.scaler ? ['float16', 'float32'] : ['float32', 'float16'];
    throw new FormatError(`${join(folder, 'state.json')}: is of a run in ${saved}, expected ${wanted}`);
  }
  fit('model.safetensors', () => model.loadStateDict(checkpoint.model));
  fit('optimizer.safetensors', () => {
    optimizer.loadStateDict({ ...checkpoint.optimizer, tensors: checkpoint.optimizerTensors });
  });
  fit('state.json', () => {
    scheduler?.loadStateDict(checkpoint.scheduler as SchedulerState);
    if (checkpoint.scaler) scaler?.loadStateDict(checkpoint.scaler);
  });
  device.random.seed = random.seed;
  device.random.counter = random.counter;
}

function readBounded(file: string, maxBytes: number): Uint8Array {
  return onDisk(file, { doing: 'read' }, () => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats) throw new FormatError(`${file}: missing; a checkpoint has it`);
    if (!stats.isFile()) throw new FormatError(`${file}: is no file`); // reading a pipe would wait for its writer
    if (stats.size > maxBytes)
      throw new FormatError(`${file}: found ${stats.size} bytes, expected at most ${maxBytes}`);
    return readFileSync(file);
  });
}
