// Gradients as few flat tensors, for what treats all of them alike.
import { spec } from '../../kernels/definition.ts';
import { Tensor } from '../tensor.ts';

/** The gradients there are, in views; neighbours in an arena as one, with the zeros between them. */
export function gradientRuns(parameters: readonly Tensor[]): Tensor[] {
  const runs: { first: Tensor; bytes: number }[] = [];
  for (const { grad } of parameters) {
    if (!grad) continue;
    const last = runs.at(-1);
    const distance = last && grad.storage === last.first.storage ? grad.byteOffset - last.first.byteOffset : -1;
    const gap = last ? distance - last.bytes : -1;
    if (last && distance > 0 && gap >= 0 && gap < 256) last.bytes = distance + grad.size * 4;
    else runs.push({ first: grad, bytes: grad.size * 4 });
  }
  return runs.map(
    ({ first, bytes }) => new Tensor(first.device, spec([bytes / 4]), first.storage.retain(), first.byteOffset),
  );
}
