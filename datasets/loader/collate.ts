// From packed samples to what the loop is given.
import { ShapeError } from '../../kernels/errors.ts';
import type { StackedBatch, TensorSample } from './loadedBatch.ts';
import type { PackedBatch } from './makeBatch.ts';

/**
 * The default: all samples in one tensor.
 * @throws ShapeError when two samples differ in shape
 */
export function stack<Target>({ x, shapes, targets, indices }: PackedBatch<Target>): StackedBatch<Target> {
  const [c, h, w] = shapes[0]!;
  const other = shapes.findIndex((shape) => shape[0] !== c || shape[1] !== h || shape[2] !== w);
  if (other >= 0) {
    throw new ShapeError(
      `DataLoader: sample ${indices[other]} is [${shapes[other]}] but sample ${indices[0]} of the same batch is ` +
        `[${c},${h},${w}]; give them one size (Resize([h, w]), CenterCrop, RandomResizedCrop; Grayscale for channels), ` +
        'a collate function, or batchSize 1',
    );
  }
  return { x, shape: [shapes.length, c, h, w], labels: targets as StackedBatch<Target>['labels'] };
}

/** The samples apart again, for a `collate` of the user's. */
export function unpack<Target>({ x, shapes, targets, indices }: PackedBatch<Target>): TensorSample<Target>[] {
  let end = 0;
  return shapes.map((shape, i) => {
    const from = end;
    end += shape[0] * shape[1] * shape[2];
    return { data: x.subarray(from, end), shape, target: targets[i] as Target, index: indices[i]! };
  });
}
