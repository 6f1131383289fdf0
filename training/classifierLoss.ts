// The loss of whatever a classifier gives in training mode: logits, or GoogLeNet's with those of its auxiliary heads.
import { crossEntropy } from '../engine/functional/loss.ts';
import { Tensor } from '../engine/tensor.ts';
import { ShapeError } from '../kernels/errors.ts';
import { type GoogLeNetOutput, googlenetLoss } from '../models/googlenet.ts';

/**
 * @param output logits `[n, classes]`, or GoogLeNet's `{ logits, aux1, aux2 }`
 * @param labels uint32 `[n]`
 * @returns the logits to classify by, and the scalar to minimise
 * @throws ShapeError for another output
 */
export function classifierLoss(output: unknown, labels: Tensor): { logits: Tensor; loss: Tensor } {
  if (output instanceof Tensor) return { logits: output, loss: crossEntropy(output, labels) };
  const { logits, aux1, aux2 } = (output ?? {}) as Partial<GoogLeNetOutput>;
  if (logits instanceof Tensor && aux1 instanceof Tensor && aux2 instanceof Tensor) {
    return { logits, loss: googlenetLoss({ logits, aux1, aux2 }, labels) };
  }
  throw new ShapeError('train: the model must give logits, or { logits, aux1, aux2 } as GoogLeNet');
}
