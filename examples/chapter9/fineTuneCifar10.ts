// What exercises 3 and 5 do with a model: fine-tune it on CIFAR-10 and test it before and after.
import { type Dataset, IMAGENET_PREPROCESSING, subset } from 'wgrad/datasets';
import { loadCifar10 } from 'wgrad/datasets/node';
import { modelEntry } from 'wgrad/models';
import type { AnyModule } from 'wgrad/nn';
import type { Device } from 'wgrad/node';
import { datasetSource, type FineTuneOptions, type FineTuneResult } from 'wgrad/training';
import { fineTune } from 'wgrad/training/node';
import type { Arguments } from './arguments.ts';

/** Of `--quick`. */
const SMALL = { side: 48, train: 320, test: 200, epochs: 8 };

/**
 * Gives a model for ImageNet ten outputs and trains it on the training batches that are there, 224x224 as its weights
 * expect; with `--quick` on a few images of 48x48.
 * @param name of the registry; says which layer is the head
 */
export async function fineTuneCifar10(
  model: AnyModule,
  name: string,
  given: Arguments,
  options: Partial<FineTuneOptions> & { device: Device },
): Promise<FineTuneResult> {
  const { data, quick } = given;
  const trainset = await loadCifar10(data, { train: true, download: true, batches: 'present' });
  const testset = await loadCifar10(data, { train: false, download: true });
  const preprocessing = { ...IMAGENET_PREPROCESSING, ...(quick && { resize: SMALL.side, crop: SMALL.side }) };
  const [train, test] = [[trainset, SMALL.train] as const, [testset, SMALL.test] as const].map(([set, count]) =>
    datasetSource(quick ? first(set, count) : set, { preprocessing }),
  );
  return fineTune(
    model,
    { train, test },
    {
      ...{ head: modelEntry(name).head, numClasses: 10, batchSize: 32, epochs: quick ? SMALL.epochs : 5 },
      ...options,
    },
  );
}

export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

function first(set: Dataset, count: number): Dataset {
  return subset(
    set,
    Uint32Array.from({ length: count }, (_, i) => i),
  );
}
