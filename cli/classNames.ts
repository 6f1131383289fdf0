// What the classes of a loaded model are called.
import { CIFAR10, MNIST } from '../datasets/index.ts';
import { readBounded } from '../datasets/node/readBounded.ts';
import { IMAGENET_CLASSES } from '../models/imagenetClasses.ts';
import { datasetFacts } from './datasetFacts.ts';
import type { LoadedModel } from './loadModel.ts';
import { UsageError } from './usageError.ts';

const MAX_BYTES = 2 ** 24;

/**
 * A name for each class: from a file of names, a line each; else those of the data set that the weights were made for;
 * else `class 0`, `class 1`, …
 * @throws UsageError when the file does not have a name for each class
 */
export async function classNames(loaded: LoadedModel, file: string | undefined): Promise<readonly string[]> {
  const { entry, numClasses } = loaded;
  if (file === undefined) {
    const known = knownClasses(loaded);
    return known?.length === numClasses ? known : Array.from({ length: numClasses }, (_, i) => `class ${i}`);
  }
  const { bytes } = await readBounded(file, MAX_BYTES);
  const names = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  if (names.length === numClasses) return names.map((name) => name.trim());
  throw new UsageError(
    `${file}: has ${names.length} lines, but ${entry.name} has ${numClasses} classes here: a line for each is needed`,
  );
}

function knownClasses({ origin, weights }: LoadedModel): readonly string[] | undefined {
  if (origin.kind === 'run') return datasetFacts(origin.config.dataset).classes;
  if (origin.kind === 'finetuned') return origin.config.classes;
  return weights && { imagenet: IMAGENET_CLASSES, cifar10: CIFAR10.classes, mnist: MNIST.classes }[weights.classes];
}
