// Views: another shape over the same memory, without a kernel. Their gradient is the input's in the same memory too.
import type { TensorSpec } from '../kernels/definition.ts';
import { reorder } from '../kernels/reorder/reorder.ts';
import { runPlan } from './apply.ts';
import { GraphNode } from './autograd.ts';
import { shapeTensor } from './shapeTensor.ts';
import { Tensor } from './tensor.ts';

/**
 * The elements of `x`, as they lie, under another shape and order; differentiable.
 * @param name of the operation, for errors and graphs
 */
export function view(x: Tensor, name: string, { shape, order }: Pick<TensorSpec, 'shape' | 'order'>): Tensor {
  if (x.isShapeOnly) {
    const seen = shapeTensor({ shape, dtype: x.dtype, order }, x.watcher);
    x.watcher?.saw({ operation: name, inputs: [x], options: {}, y: seen, isView: true });
    return seen;
  }
  const { device } = x;
  device.recorder.tape?.reads(x);
  const y = new Tensor(device, { shape, dtype: x.dtype, order }, x.storage.retain(), x.byteOffset);
  if (device.gradEnabled && x.requiresGrad) {
    const flat = { shape: [x.size], dtype: x.dtype, order: [0] };
    y.node = new GraphNode(device, name, y, {
      inputs: { x },
      saved: {},
      isView: true,
      // only where the gradient cannot change hands: an optimizer's slot, a gradient that someone else holds
      run: ({ dy, dx }) => {
        const problem = { inputs: { x: flat }, outputs: { y: flat }, options: flat, device: device.capabilities };
        runPlan(device, `${name} backward`, reorder.forward(problem), { x: dy, y: dx });
      },
    });
  }
  return y;
}
