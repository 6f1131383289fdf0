// Activation checkpointing: a segment keeps its inputs alone, and runs once more when its gradients are wanted.
// Chen et al. 2016, https://arxiv.org/abs/1604.06174
import { bytesOf, sameOrder } from '../../kernels/definition.ts';
import { AutogradError, ShapeError } from '../../kernels/errors.ts';
import { fill } from '../../kernels/fill/fill.ts';
import { show } from '../../kernels/rank.ts';
import { apply, type Operand, reordered } from '../apply.ts';
import { backward, GraphNode } from '../autograd.ts';
import type { Device } from '../device.ts';
import { Tensor } from '../tensor.ts';
import { type AnyModule, Module } from './module.ts';
import type { Sequential } from './sequential.ts';

type Segment = (...inputs: Tensor[]) => Tensor;

/**
 * From now on the module keeps no activations for the backward pass but its inputs: backward runs it again. For memory,
 * at the price of one more forward pass of that part. Its names, parameters and results stay the same, gradients and the
 * random state behind it bit for bit; running statistics are updated once. Hooks of modules within it run twice.
 *
 *     for (const block of [model.layer1, model.layer2, model.layer3]) checkpoint(block);
 *
 * What it does must follow from its inputs, parameters and the device's random state alone.
 * @returns the module
 * @throws ShapeError for what is no module
 * @see https://pytorch.org/docs/stable/checkpoint.html
 */
export function checkpoint<M extends AnyModule>(module: M): M {
  if (!(module instanceof Module)) throw new ShapeError(`checkpoint: wants a module, given ${module}`);
  module.recomputeBy((forward, inputs) => {
    if (!inputs.some((input) => input.isPlaced)) return forward(...inputs); // shapes alone
    return recomputed(forward as Segment, inputs);
  });
  return module;
}

/**
 * Runs the layers of a Sequential as so many segments, all but the last one as by `checkpoint`.
 * @param segments from 1 to the number of layers
 * @throws ShapeError for another number
 * @see https://pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint_sequential
 */
export function checkpointSequential(model: Sequential, segments: number, x: Tensor): Tensor {
  const { length } = model;
  if (!Number.isInteger(segments) || segments < 1 || segments > length) {
    throw new ShapeError(`checkpointSequential: segments must be from 1 to the ${length} layers, given ${segments}`);
  }
  const size = Math.floor(length / segments);
  let y = x;
  for (let i = 0; i < segments - 1; i++) {
    const part = model.slice(i * size, (i + 1) * size);
    y = recomputed((input) => part.call(input), [y]);
  }
  return model.slice((segments - 1) * size).call(y);
}

/**
 * `fn(...inputs)`, of whose graph only the inputs are kept.
 * @param fn runs again in the backward pass, and must then give the same
 */
export function recomputed(fn: Segment, inputs: readonly Tensor[]): Tensor {
  const [{ device }] = inputs;
  if (!device.gradEnabled) return fn(...inputs);
  const { autocastEnabled } = device;
  const { random } = device;
  let before = { ...random };
  device.eachStep(
    () => {
      before = { seed: random.seed, counter: random.counter } as typeof before;
    },
    () => {},
  );
  const y = device.tidy(() => {
    const result = device.noGrad(() => checked(fn(...inputs)));
    // one of its own, whatever the segment returned
    return new Tensor(device, result, result.storage.retain(), result.byteOffset);
  });
  const named = inputs.map((input, i) => [`x${i}`, input] as const);
  const wanted = named.filter(([, { requiresGrad }]) => requiresGrad);
  y.node = new GraphNode(device, 'checkpoint', y, {
    inputs: Object.fromEntries(wanted),
    saved: Object.fromEntries(named),
    run: (operands) => {
      let now = before;
      device.eachStep(
        () => {
          now = { seed: random.seed, counter: random.counter } as typeof before;
          Object.assign(random, before);
        },
        () => {},
      );
      using _ = device.scope();
      const given = named.map(([name]) => {
        const { storage, byteOffset } = operands[name];
        const tensor = new Tensor(device, operands[name], storage.retain(), byteOffset);
        tensor.requiresGrad = `d${name}` in operands;
        tensor.grad = null; // a captured step may see that its gradient begins anew
        return tensor;
      });
      const again = recording(device, autocastEnabled, () => checked(fn(...given)));
      device.eachStep(
        () => Object.assign(random, now),
        () => {},
      );
      sameAs(again, y);
      if (again.node) backward(again, operands.dy as unknown as Tensor);
      for (const [i, [name]] of named.entries()) {
        const target: Operand | undefined = operands[`d${name}`];
        if (target) hand(device, given[i].grad, target);
        given[i].grad = null;
      }
    },
  });
  return y;
}

/** Runs `fn` as in a forward pass, whose running statistics were updated before. */
function recording<T>(device: Device, autocastEnabled: boolean, fn: () => T): T {
  const before = [device.gradEnabled, device.autocastEnabled, device.isRecomputing] as const;
  [device.gradEnabled, device.autocastEnabled, device.isRecomputing] = [true, autocastEnabled, true];
  try {
    return fn();
  } finally {
    [device.gradEnabled, device.autocastEnabled, device.isRecomputing] = before;
  }
}

/** @param gradient null: the segment does not depend on that input */
function hand(device: Device, gradient: Tensor | null, target: Operand): void {
  if (!gradient) {
    using zeros = keptView(device, target);
    apply(fill, { target: zeros.tensor }, { value: 0 });
    return;
  }
  const { storage, byteOffset } = sameOrder(gradient.order, target.order)
    ? gradient
    : reordered(gradient.detach(), target.order);
  device.recorder.copy(
    { buffer: storage.buffer, offset: byteOffset, size: Math.ceil(bytesOf(gradient) / 4) * 4 },
    { buffer: target.storage.buffer, offset: target.byteOffset },
  );
}

function keptView(device: Device, { storage, byteOffset, ...spec }: Operand): { tensor: Tensor } & Disposable {
  const tensor = new Tensor(device, spec, storage.retain(), byteOffset);
  return { tensor, [Symbol.dispose]: () => tensor.dispose() };
}

function checked(output: unknown): Tensor {
  if (output instanceof Tensor) return output;
  throw new AutogradError('checkpoint: the segment must return one tensor; checkpoint its parts, which do');
}

/** @throws AutogradError where the second run gave something else */
function sameAs(again: Tensor, first: Tensor): void {
  const isSame = show(again.shape) === show(first.shape) && again.dtype === first.dtype;
  if (isSame) return;
  throw new AutogradError(
    `checkpoint: the segment gave ${again.dtype} ${show(again.shape)} when it ran again, ${first.dtype} ${show(first.shape)} before; it must depend on its inputs alone`,
  );
}
