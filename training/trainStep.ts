// One step of training: a batch's loss and gradients, in parts where it is larger than fits at once.
import { argmax } from '../engine/functional/reduction.ts';
import { cat } from '../engine/functional/shape.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import type { Tensor } from '../engine/tensor.ts';
import { classifierLoss } from './classifierLoss.ts';
import { microBatchOf } from './microBatch.ts';
import type { StepPrecision } from './stepPrecision.ts';
import type { StepTensors } from './stepRunner.ts';

/** Loss and gradients of a batch, of its parts one after the other where it is larger than `microBatch`. */
export function trainStep(
  model: AnyModule,
  precision: StepPrecision,
  { x, labels, microBatch }: { x: Tensor; labels: Tensor; microBatch: number },
): StepTensors {
  const { device } = x;
  const images = labels.size;
  const answer = (part: Tensor, classes: Tensor, share: number): StepTensors => {
    const { logits, loss } = precision.forward(() => classifierLoss(model.call(part), classes));
    const scaled = share === 1 ? loss : loss.mul(share);
    precision.backward(scaled);
    return { loss: scaled, predictions: argmax(logits, 1) };
  };
  if (images <= microBatch) return answer(x, labels, 1);
  const parts: StepTensors[] = [];
  for (let start = 0; start < images; start += microBatch) {
    parts.push(
      device.tidy(() => {
        const part = microBatchOf(x, labels, { start, size: microBatch });
        return answer(part.x, part.labels, part.share);
      }),
    );
  }
  return device.noGrad(() => ({
    loss: parts.map(({ loss }) => loss.detach()).reduce((sum, loss) => sum.add(loss)),
    predictions: cat(parts.map(({ predictions }) => predictions)),
  }));
}
