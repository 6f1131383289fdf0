// A file of class names, a line each.
import { FormatError } from '../../kernels/errors.ts';
import type { CheckpointReport } from './session.ts';

const MAX_BYTES = 2 ** 24;

/** @throws FormatError where the file has not a line for each class */
export async function parseClassNames(file: File, checkpoint: CheckpointReport | undefined): Promise<string[]> {
  if (!checkpoint) throw new FormatError(`${file.name}: names of classes belong to a checkpoint: drop that first`);
  if (file.size > MAX_BYTES)
    throw new FormatError(`${file.name}: has ${file.size} bytes, expected at most ${MAX_BYTES}`);
  const names = (await file.text()).trimEnd().split(/\r?\n/);
  const { model, classNames } = checkpoint;
  if (names.length === classNames.length) return names.map((name) => name.trim());
  throw new FormatError(
    `${file.name}: has ${names.length} lines, but ${model} has ${classNames.length} classes here: a line for each is needed`,
  );
}
