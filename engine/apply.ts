// Interprets operation definitions: check, allocate, launch, record. The only way anything runs on the GPU.
import {
  NOTHING,
  type Operation,
  orderOf,
  type Plan,
  type Problem,
  type Specs,
  sizeOf,
  type TensorSpec,
} from '../kernels/definition.ts';
import { ShapeError } from '../kernels/errors.ts';
import { show } from '../kernels/rank.ts';
import { reorder } from '../kernels/reorder/reorder.ts';
import { GraphNode } from './autograd.ts';
import type { Device } from './device.ts';
import type { BufferRange } from './pipelines.ts';
import { equivalentOrder } from './reorder.ts';
import { inferShapes } from './shapeTensor.ts';
import { sliced, splitLaunch } from './split.ts';
import type { Storage } from './storage.ts';
import { Tensor } from './tensor.ts';

/** A described piece of memory that a plan can bind. */
export interface Operand extends TensorSpec {
  readonly storage: Storage;
  readonly byteOffset: number;
}

export type Inputs = Readonly<Record<string, Tensor | undefined>>;

/**
 * Runs one operation and returns its outputs by name, the differentiable one first (`y`).
 * @param options the operation's own; `device` only where there is no input to take it from
 * @throws ShapeError before anything is allocated
 */
export function apply<Options>(
  operation: Operation<Options>,
  inputs: Inputs,
  options: Options,
  { device: chosen, variant }: { device?: Device; variant?: string | undefined } = {},
): Record<string, Tensor> {
  const shapes = inferShapes(operation, inputs, options);
  if (shapes) return shapes;
  const device = chosen ?? deviceOf(operation.name, inputs);
  const given = asAsked(operation, inputs, device);
  const specs = specsOf(given);
  const outputSpecs = operation.infer(specs, options);
  const problem: Problem<Options> = {
    inputs: specs,
    outputs: outputSpecs,
    options,
    device: device.capabilities,
    variant,
  };
  const plan = operation.forward(problem);
  const outputs: Record<string, Tensor> = {};
  for (const [name, spec] of Object.entries(outputSpecs)) {
    outputs[name] = new Tensor(device, spec, device.allocate(spec, operation.name));
  }
  runPlan(device, operation.name, plan, { ...given, ...outputs });
  record(device, operation, problem, given, outputs);
  return outputs;
}

/** Allocates scratch memory, runs every launch of a plan in order, cut where tensors exceed the binding limit. */
export function runPlan(device: Device, name: string, plan: Plan, operands: Readonly<Record<string, Operand>>): void {
  const scratch: Record<string, Operand> = {};
  for (const [part, { length, dtype = 'float32' }] of Object.entries(plan.scratch ?? {})) {
    const spec = { shape: [length], dtype, order: [0] };
    scratch[part] = { ...spec, storage: device.allocate(spec, `${name} scratch ${part}`), byteOffset: 0 };
  }
  const all = { ...operands, ...scratch };
  for (const { shader, bind, constants, axes, params, workgroups } of plan.launches) {
    const ranges: Record<string, BufferRange> = {};
    for (const [binding, { access }] of Object.entries(shader.bindings)) {
      if (access === 'uniform') continue;
      const tensor = bind[binding] ?? binding;
      const operand = all[tensor];
      if (operand) ranges[binding] = rangeOf(operand);
      else if (tensor === NOTHING) ranges[binding] = { buffer: device.nothing, offset: 0, size: device.nothing.size };
      else
        throw new ShapeError(`${shader.label}: nothing is bound to '${binding}' (have ${Object.keys(all).join(', ')})`);
    }
    const pipeline = device.pipelines.pipeline(shader, constants);
    for (const piece of splitLaunch({ shader, axes }, ranges, device.bindingLimit)) {
      device.recorder.dispatch(pipeline, sliced(ranges, axes, piece), params(piece), workgroups(piece));
    }
  }
  for (const { storage } of Object.values(scratch)) storage.release();
  if (device.debug) device.recorder.flush();
}

function rangeOf({ shape, storage, byteOffset }: Operand): BufferRange {
  return { buffer: storage.buffer, offset: byteOffset, size: sizeOf(shape) * 4 };
}

function deviceOf(name: string, inputs: Inputs): Device {
  const first = Object.values(inputs).find((tensor) => tensor !== undefined);
  if (!first) throw new ShapeError(`${name}: no input to take the device from`);
  return first.device;
}

/** The inputs, each in the order its room asks for. */
function asAsked<O>(operation: Operation<O>, inputs: Inputs, device: Device): Record<string, Tensor> {
  const result: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    if (!tensor) continue;
    const asked = operation.inputs.find(
      (input) => input.name === name || (input.variadic && name.replace(/\d+$/, '') === input.name),
    );
    if (!asked) throw new ShapeError(`${operation.name}: unknown input '${name}'`);
    if (tensor.device !== device) throw new ShapeError(`${operation.name}: ${name} lives on another device`);
    const { dtype = 'float32' } = asked;
    if (asked.layout !== 'any' || asked.dtype) {
      if (tensor.dtype !== dtype) {
        throw new ShapeError(
          `${operation.name}: ${name} must be ${dtype}, given ${tensor.dtype} of shape ${show(tensor.shape)}`,
        );
      }
    }
    const order = asked.layout === 'any' ? tensor.order : orderOf(asked.layout, tensor.shape.length);
    result[name] = equivalentOrder(tensor.shape, order, tensor.order) ? tensor : reordered(tensor, order);
  }
  for (const { name, optional, variadic } of operation.inputs) {
    if (!optional && !variadic && !result[name]) throw new ShapeError(`${operation.name}: input '${name}' is missing`);
  }
  return result;
}

/** The same logical tensor laid out in another order; differentiable. */
export function reordered(tensor: Tensor, order: readonly number[]): Tensor {
  return apply(reorder, { x: tensor }, { order }).y;
}

function specsOf(tensors: Readonly<Record<string, TensorSpec>>): Specs {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype, order }]) => [name, { shape, dtype, order }]),
  );
}

function record<O>(
  device: Device,
  operation: Operation<O>,
  problem: Problem<O>,
  inputs: Record<string, Tensor>,
  outputs: Record<string, Tensor>,
): void {
  if (!device.gradEnabled || !operation.backward) return;
  const differentiable = (name: string) =>
    operation.inputs.find((input) => input.name === name || input.variadic)?.differentiable !== false;
  const wanted = new Set(Object.keys(inputs).filter((name) => inputs[name].requiresGrad && differentiable(name)));
  if (!wanted.size) return;
  const everything: Record<string, Tensor> = { ...inputs, ...outputs };
  const saved = Object.fromEntries(
    (operation.saved?.(wanted) ?? []).filter((name) => everything[name]).map((name) => [name, everything[name]]),
  );
  outputs.y.node = new GraphNode(device, operation.name, outputs.y, {
    inputs: Object.fromEntries([...wanted].map((name) => [name, inputs[name]])),
    saved,
    run: (operands) => runPlan(device, `${operation.name} backward`, operation.backward!(problem, wanted), operands),
  });
}
