// What kernels compute, bit by bit: the same code in a browser and in Node, whose answers agreement.ts compares.
import { apply } from '../../../engine/apply.ts';
import type { Device } from '../../../engine/device.ts';
import { crossEntropy } from '../../../engine/functional/loss.ts';
import { SGD } from '../../../engine/optim/index.ts';
import type { Tensor } from '../../../engine/tensor.ts';
import type { InputSpec } from '../../../kernels/definition.ts';
import { type Room, registry } from '../../../kernels/registry.ts';
import { filled, uniformFrom } from '../../../lab/inputs.ts';
import { LeNet5 } from '../../../models/lenet.ts';

export interface Bits {
  /** `conv2d`, or `training` for its losses. */
  readonly room: string;
  /** The case, and the variant where it was forced. */
  readonly kase: string;
  /** `inputs`, `y`, `dx`, … */
  readonly tensor: string;
  /** False for integers. */
  readonly isFloat: boolean;
  /** Of 32-bit values, in base64. */
  readonly base64: string;
}

/** Of the variants with barriers: over five minutes on SwiftShader. tests/kernels/rooms.test.ts passes it over too. */
const SLOW = 'more than 65,535 batches';

/** Outputs and gradients of the first `cases` cases of a room, by every variant that the device supports. */
export async function roomBits(device: Device, name: string, { cases }: { cases: number }): Promise<Bits[]> {
  const room = registry.find(({ operation }) => operation.name === name)!;
  const variants = (room.operation.variants ?? []).filter(
    ({ supported }) => supported?.(device.capabilities) !== false,
  );
  const bits: Bits[] = [];
  for (const [seed, kase] of room.cases.cases.slice(0, cases).entries()) {
    for (const variant of [undefined, ...variants.map(({ name }) => name)]) {
      if (variant && kase.name === SLOW) continue;
      const tensors = await caseTensors(device, { room, kase, seed, variant });
      const label = variant ? `${kase.name} (${variant})` : kase.name;
      for (const [tensor, values] of tensors) bits.push({ room: name, kase: label, tensor, ...encoded(values) });
    }
  }
  return bits;
}

/** LeNet-5 on one batch: the loss of each step, and the parameters after the last. */
export async function trainingBits(device: Device, { steps }: { steps: number }): Promise<Bits[]> {
  using _scope = device.scope();
  const model = new LeNet5().to(device, { seed: 1 });
  const optimizer = new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  const size = 8 * 28 * 28;
  // no Math.sin: engines may differ in its last bit
  const x = device.tensor(
    Float32Array.from({ length: size }, (_, i) => ((i * 37) % 256) / 256),
    [8, 1, 28, 28],
  );
  const labels = device.tensor(
    Uint32Array.from({ length: 8 }, (_, i) => i),
    [8],
    { dtype: 'uint32' },
  );
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    using _step = device.scope();
    const loss = crossEntropy(model.call(x), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(await loss.item());
  }
  const about = { room: 'training', kase: `LeNet-5, ${steps} steps` };
  const state = [...(await model.stateDict())].map(([tensor, { data }]) => ({ tensor, data }));
  return [{ tensor: 'losses', data: Float32Array.from(losses) }, ...state].map(({ tensor, data }) => ({
    ...about,
    tensor,
    ...encoded(data),
  }));
}

async function caseTensors(
  device: Device,
  { room, kase, seed, variant }: { room: Room; kase: Room['cases']['cases'][number]; seed: number; variant?: string },
): Promise<Map<string, Values>> {
  const { operation, reference, cases } = room;
  const uniform = uniformFrom(seed);
  using _scope = device.scope();
  const results = new Map<string, Values>();
  const tensors: Record<string, Tensor> = {};
  for (const [name, input] of Object.entries(kase.inputs)) {
    const { dtype = 'float32', layout, differentiable } = specOf(operation.inputs, name);
    const { data, shape } = filled(input, uniform);
    results.set(`input ${name}`, Float32Array.from(data));
    tensors[name] = device.tensor(data, shape, { dtype, layout });
    tensors[name].requiresGrad = differentiable !== false && dtype === 'float32' && Boolean(reference.backward);
  }
  const outputs = apply(operation, tensors, kase.options, { variant, device });
  for (const name of cases.compared ?? Object.keys(outputs)) {
    results.set(name, await (outputs[name] ?? tensors[name]).data()); // an updated input is an output too
  }
  if (!reference.backward) return results;
  const { data, shape } = filled({ shape: outputs.y.shape }, uniform);
  outputs.y.backward(device.tensor(data, shape, { dtype: outputs.y.dtype }));
  for (const [name, { grad }] of Object.entries(tensors)) if (grad) results.set(`d${name}`, await grad.data());
  return results;
}

/** Of an input; `x` gives the specification of x0, x1, … of a variadic one. */
function specOf(inputs: readonly InputSpec[], name: string): InputSpec {
  return inputs.find((input) => input.name === (input.variadic ? name.replace(/\d+$/, '') : name))!;
}

type Values = Awaited<ReturnType<Tensor['data']>>;

function encoded(values: ArrayBufferView): Pick<Bits, 'isFloat' | 'base64'> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  // in parts: an argument list has an end
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return { isFloat: values instanceof Float32Array, base64: btoa(text) };
}
