// A checkpoint into a model, one tensor after the other, so that a large file needs little memory besides the model's.
import { ShapeError } from '../../kernels/errors.ts';
import type { AnyModule } from '../nn/module.ts';
import { Counter } from '../nn/parameter.ts';
import { checkFit, type LoadOptions, type LoadReport, takeOver } from '../nn/stateDict.ts';
import type { CheckpointFile, StoredTensor } from './checkpointFile.ts';

export interface LoadWeightsOptions extends LoadOptions {
  /** From the file's names to the model's; undefined leaves a tensor out. Default: as they are. */
  rename?: ((name: string) => string | undefined) | undefined;
}

/** Uploads wait in the driver's memory until the device has taken them. */
const MAX_WAITING_BYTES = 64 * 2 ** 20;

/**
 * Reads a checkpoint's tensors into a model, on a device or not: `Module.loadStateDict` without the state dict.
 * All names and shapes are checked before the first value is read; at most one tensor is held besides the model.
 * @param options.strict false lets keys be missing or left over. Default true
 * @param options.skip dotted names of layers that keep their values, such as a new head: `['fc']`
 * @throws ShapeError naming every missing, unexpected and misshapen key
 * @throws FormatError when the file cannot be read; tensors before that one have been loaded
 */
export async function loadWeights(
  model: AnyModule,
  file: CheckpointFile,
  { rename, ...options }: LoadWeightsOptions = {},
): Promise<LoadReport> {
  const tensors = renamed(file, rename);
  const { report, pairs } = checkFit(model, tensors, { ...options, where: `loadWeights: ${file.name}` });
  let waitingBytes = 0;
  for (const [own, stored] of pairs) {
    takeOver(own, (await stored?.read())?.data);
    if (own instanceof Counter || !own.isPlaced) continue;
    waitingBytes += own.size * 4;
    if (waitingBytes < MAX_WAITING_BYTES) continue;
    await own.device.idle();
    waitingBytes = 0;
  }
  return report;
}

function renamed(
  { name: file, tensors }: CheckpointFile,
  rename: LoadWeightsOptions['rename'],
): ReadonlyMap<string, StoredTensor> {
  if (!rename) return tensors;
  const result = new Map<string, StoredTensor>();
  for (const [given, tensor] of tensors) {
    const name = rename(given);
    if (name === undefined) continue;
    const before = result.get(name);
    if (before)
      throw new ShapeError(`loadWeights: ${file}: '${before.name}' and '${given}' are both renamed to '${name}'`);
    result.set(name, tensor);
  }
  return result;
}
