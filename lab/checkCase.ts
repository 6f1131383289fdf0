// Runs one case of a room: on the GPU through the engine, in float64 through the reference.
import { apply, reordered } from '../engine/apply.ts';
import type { Device } from '../engine/device.ts';
import { isFloat } from '../engine/precision.ts';
import type { Tensor } from '../engine/tensor.ts';
import { roundToFloat16 } from '../kernels/cast/reference.ts';
import type { DType, InputSpec } from '../kernels/definition.ts';
import { map, type NdArray, ndarray } from '../kernels/ndarray.ts';
import type { Case } from '../kernels/reference.ts';
import type { Room } from '../kernels/registry.ts';
import { assertEqual, type Comparison, compare } from './compare.ts';
import { checkLoopGuard, LOOP_GUARD, loopBudget, withLoopGuard } from './guardLoops.ts';
import { filled, uniformFrom } from './inputs.ts';
import { type EditedShader, withShaders } from './withShaders.ts';

export type AnyCase = Omit<Case<unknown>, 'name'>;

export interface CheckOptions {
  /** Forces one of the operation's variants. */
  variant?: string | undefined;
  /** Inputs held as float16: all that are floating-point, or the first alone, as within autocast. Default none. */
  halves?: 'all' | 'first' | undefined;
  /** Inputs lie in random physical orders, as `permute()` leaves them; rooms that write in place see their own. */
  turned?: boolean | undefined;
  /** Edited ones, which run in place of the room's own of the same label, their loops guarded. Default none. */
  edits?: readonly EditedShader[] | undefined;
}

/** Of the largest value: a float16 result is right to 2 ** -11, a gradient may come from two rounded tensors. */
const HALF_TOLERANCE = 4e-3;

/** Forward and every gradient on the GPU against the reference. Throws with the first difference. */
export async function checkOnGpu(...checked: Parameters<typeof compareOnGpu>): Promise<void> {
  for await (const comparison of compareOnGpu(...checked)) assertEqual(comparison);
}

/** Every output, then every gradient, each compared as it arrives. @throws what went wrong on the GPU */
export async function* compareOnGpu(
  device: Device,
  room: Room,
  test: AnyCase,
  seed: number,
  { variant, halves, turned = false, edits = [] }: CheckOptions = {},
): AsyncGenerator<Comparison> {
  const { reference, cases } = room;
  const trips = loopBudget(Object.values(test.inputs).map(({ shape }) => shape));
  const guarded = edits.map((edit) => edit.guarded(trips));
  const operation = edits.length ? withLoopGuard(withShaders(room.operation, guarded)) : room.operation;
  const uniform = uniformFrom(seed);
  const tolerance = halves ? Math.max(HALF_TOLERANCE, test.tolerance ?? 0) : test.tolerance;
  const inputs: Record<string, NdArray> = {};
  const dtypes: Record<string, DType> = {};
  for (const [name, input] of Object.entries(test.inputs)) {
    const spec = inputSpec(room, name);
    const { dtype = 'float32' } = spec;
    const isHalf = halves === 'all' || (halves === 'first' && spec === operation.inputs[0]);
    dtypes[name] = isHalf && dtype === 'float32' ? 'float16' : dtype;
    inputs[name] = stored(filled(input, uniform), dtypes[name]);
  }
  const expected = reference.forward(inputs, test.options);
  using _scope = device.scope();
  const tensors: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(inputs)) {
    tensors[name] = device.tensor(value.data, value.shape, {
      dtype: dtypes[name],
      layout: inputSpec(room, name).layout,
    });
    tensors[name].requiresGrad = isDifferentiable(room, name) && Boolean(reference.backward);
  }
  const guard = edits.length ? device.tensor(new Uint32Array(1)) : undefined;
  const checkLoops = async () => {
    if (guard) checkLoopGuard((await guard.data())[0], { label: guarded.map(({ label }) => label).join(', '), trips });
  };
  const operands = turned ? { ...tensors, ...turnedOf(room, tensors, uniformFrom(seed)) } : tensors;
  const outputs = apply(operation, { ...operands, ...(guard && { [LOOP_GUARD]: guard }) }, test.options, {
    variant,
    device,
  });
  await checkLoops();
  for (const name of cases.compared ?? Object.keys(expected)) {
    const actual = outputs[name] ?? tensors[name]; // an updated input is compared too
    const what = `${operation.name} ${name}`;
    yield compare(what, await valuesOf(actual), stored(expected[name], actual.dtype), tolerance);
  }
  if (!reference.backward) return;
  const { dtype } = outputs.y;
  const dy = stored(filled({ shape: expected.y.shape }, uniform), dtype);
  outputs.y.backward(device.tensor(dy.data, dy.shape, { dtype }));
  await checkLoops();
  const gradients = reference.backward(inputs, expected, dy, test.options);
  for (const [name, gradient] of Object.entries(gradients)) {
    const { grad } = tensors[name];
    if (!grad) throw new Error(`${operation.name}: no gradient of ${name} arrived`);
    if (grad.dtype !== dtypes[name]) throw new Error(`${operation.name}: d${name} is ${grad.dtype}`);
    yield compare(`${operation.name} d${name}`, await valuesOf(grad), stored(gradient, grad.dtype), tolerance);
  }
}

/** The inputs whose order is free, shuffled. */
function turnedOf(
  { operation: { name: operation, inputs } }: Room,
  tensors: Readonly<Record<string, Tensor>>,
  uniform: () => number,
): Record<string, Tensor> {
  // in-place rooms want equal orders, dropout counts along memory, and matmul's function turns `a` itself
  if (operation === 'dropout' || inputs.some(({ updated }) => updated)) return {};
  const free = Object.entries(tensors).filter(
    ([name, { dtype }]) => isFloat(dtype) && !(operation === 'matmul' && name === 'a'),
  );
  return Object.fromEntries(
    free.map(([name, tensor]) => {
      const order = tensor.shape.map((_, dimension) => ({ dimension, key: uniform() }));
      const shuffled = order.sort((a, b) => a.key - b.key).map(({ dimension }) => dimension);
      return [name, reordered(tensor, shuffled)];
    }),
  );
}

async function valuesOf(tensor: Tensor) {
  return { shape: tensor.shape, data: await tensor.data() };
}

/** As a tensor of that dtype holds it. */
function stored(values: NdArray, dtype: DType): NdArray {
  return dtype === 'float16' ? map(values, roundToFloat16) : values;
}

/** The reference's gradients against central differences of its own forward, in float64. */
export function checkReference(room: Room, test: AnyCase, seed: number): void {
  const { operation, reference } = room;
  if (!reference.backward) return;
  const uniform = uniformFrom(seed);
  const inputs: Record<string, NdArray> = {};
  for (const [name, input] of Object.entries(test.inputs)) inputs[name] = filled(input, uniform);
  const outputs = reference.forward(inputs, test.options);
  const dy = filled({ shape: outputs.y.shape }, uniform);
  const gradients = reference.backward(inputs, outputs, dy, test.options);
  const step = 1e-5;
  for (const [name, gradient] of Object.entries(gradients)) {
    const probes = Math.min(12, gradient.data.length);
    for (let probe = 0; probe < probes; probe++) {
      const i = probes === gradient.data.length ? probe : Math.floor(uniform() * gradient.data.length);
      const loss = (delta: number) => {
        const moved = ndarray(inputs[name].shape, inputs[name].data);
        moved.data[i] += delta;
        const { y } = reference.forward({ ...inputs, [name]: moved }, test.options);
        return y.data.reduce((sum, value, j) => sum + value * dy.data[j], 0);
      };
      const numeric = (loss(step) - loss(-step)) / (2 * step);
      const scale = Math.max(1, ...gradient.data.map(Math.abs));
      if (!(Math.abs(numeric - gradient.data[i]) <= 1e-6 * scale)) {
        throw new Error(
          `${operation.name} reference: d${name}[${i}] is ${gradient.data[i]}, central differences give ${numeric}`,
        );
      }
    }
  }
}

/** @internal What the operation says of an input, numbered ones of a list included. */
export function inputSpec(room: Room, name: string): InputSpec {
  const spec = room.operation.inputs.find(
    (input) => input.name === name || (input.variadic && name.replace(/\d+$/, '') === input.name),
  );
  if (!spec) throw new Error(`${room.operation.name}: cases name an input '${name}' that the operation does not have`);
  return spec;
}

/** @internal Whether a gradient of it is wanted. */
export function isDifferentiable(room: Room, name: string): boolean {
  const { differentiable, dtype } = inputSpec(room, name);
  return differentiable !== false && (dtype ?? 'float32') === 'float32';
}
