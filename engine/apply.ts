// Interprets operation definitions: check, allocate, launch, record. The only way anything runs on the GPU.
import {
  bytesOf,
  elementBytes,
  type Launch,
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
import { fill } from '../kernels/fill/fill.ts';
import { show } from '../kernels/rank.ts';
import { reorder } from '../kernels/reorder/reorder.ts';
import { GraphNode } from './autograd.ts';
import type { Device } from './device.ts';
import { isFloat, withResultDType } from './precision.ts';
import { equivalentOrder } from './reorder.ts';
import { inferShapes } from './shapeTensor.ts';
import { type Bound, type Piece, sliced, splitLaunch } from './split.ts';
import type { Storage } from './storage.ts';
import { Tensor } from './tensor.ts';

/** A described piece of memory that a plan can bind. */
export interface Operand extends TensorSpec {
  readonly storage: Storage;
  readonly byteOffset: number;
}

export type Inputs = Readonly<Record<string, Tensor | undefined>>;

export interface ApplyOptions<Options> {
  /** Where there is no input to take it from. */
  device?: Device;
  /** Forces one of the operation's variants. */
  variant?: string | undefined;
  /** Options that differ from step to step, as they are for the step that comes: a captured step asks at every replay. */
  live?: () => Partial<Options>;
}

/**
 * Runs one operation and returns its outputs by name, the differentiable one first (`y`).
 * @param options the operation's own
 * @throws ShapeError before anything is allocated
 */
export function apply<Options>(
  operation: Operation<Options>,
  inputs: Inputs,
  options: Options,
  { device: chosen, variant, live }: ApplyOptions<Options> = {},
): Record<string, Tensor> {
  const shapes = inferShapes(operation, inputs, options);
  if (shapes) return shapes;
  const device = chosen ?? deviceOf(operation.name, inputs);
  device.errors.check();
  const { tape } = device.recorder;
  if (tape) for (const tensor of Object.values(inputs)) if (tensor) tape.reads(tensor);
  const given: Record<string, Tensor> = {};
  try {
    for (const [name, tensor] of asAsked(operation, inputs, device)) given[name] = tensor;
    return applyTo(operation, given, options, { device, variant, live });
  } finally {
    // the graph and the recorded work hold on to the memory of what was reordered on the way
    for (const [name, tensor] of Object.entries(given)) if (tensor !== inputs[name]) tensor.dispose();
  }
}

/** As `apply`, where the other outputs concern the backward pass alone: returns `y` and leaves them to the graph. */
export function applyForY<Options>(...call: Parameters<typeof apply<Options>>): Tensor {
  const { y, ...others } = apply(...call);
  for (const other of Object.values(others)) other.dispose();
  return y;
}

function applyTo<Options>(
  operation: Operation<Options>,
  given: Record<string, Tensor>,
  options: Options,
  { device, variant, live }: ApplyOptions<Options> & { device: Device },
): Record<string, Tensor> {
  const specs = specsOf(given);
  const outputSpecs = withResultDType(operation, specs, operation.infer(specs, options), device.autocastEnabled);
  const problem: Problem<Options> = {
    inputs: specs,
    outputs: outputSpecs,
    options,
    device: device.capabilities,
    variant,
  };
  const tuned = device.tuner?.tuned(operation, problem) ?? problem;
  const plan = operation.forward(tuned);
  const renewed = live && renewing(device, options, live);
  const outputs: Record<string, Tensor> = {};
  try {
    for (const [name, spec] of Object.entries(outputSpecs)) {
      outputs[name] = new Tensor(device, spec, device.allocate(spec, operation.name));
    }
    if (Object.values(given).some(({ size }) => size === 0)) clear(Object.values(outputs));
    device.recorder.profiler?.runs(operation, problem);
    const again = renewed && (() => operation.forward({ ...tuned, options: renewed() }));
    const searched = device.recorder.anomalies?.runs(operation.name, given);
    runPlan(device, operation.name, plan, { ...given, ...outputs }, again);
    if (searched) {
      const updated = Object.entries(given).filter(([name]) =>
        operation.inputs.some((input) => input.updated && (input.name === name || input.variadic)),
      );
      searched({ ...outputs, ...Object.fromEntries(updated) }, { updates: updated.length > 0 });
    }
  } catch (error) {
    for (const output of Object.values(outputs)) output.dispose();
    throw error;
  }
  record(device, operation, problem, { inputs: given, outputs, renewed });
  return outputs;
}

/** @returns the options of the step under way, in a captured one; undefined outside */
function renewing<Options>(
  device: Device,
  options: Options,
  live: () => Partial<Options>,
): (() => Options) | undefined {
  let current = options;
  const renew = () => {
    current = { ...options, ...live() };
  };
  const { tape } = device.recorder;
  tape?.effects.push({ run: renew, undo: () => {} }); // the next run starts from scratch
  return tape ? () => current : undefined;
}

/** Fills fresh tensors with zeros: sums over nothing, which no kernel is launched for. */
export function clear(targets: readonly Tensor[]): void {
  for (const target of targets) {
    if (target.size && isFloat(target.dtype)) apply(fill, { target }, { value: 0 });
  }
}

/**
 * Allocates scratch memory, runs every launch of a plan in order, cut where tensors exceed the binding limit.
 * @param again the plan of a later step, whose Params differ; for captured steps
 */
export function runPlan(
  device: Device,
  name: string,
  plan: Plan,
  operands: Readonly<Record<string, Operand>>,
  again?: () => Plan,
): void {
  const scratch: Record<string, Operand> = {};
  try {
    for (const [part, { length, dtype = 'float32' }] of Object.entries(plan.scratch ?? {})) {
      const spec = { shape: [length], dtype, order: [0] };
      scratch[part] = { ...spec, storage: device.allocate(spec, `${name} scratch ${part}`), byteOffset: 0 };
    }
    const all = plan.scratch ? { ...operands, ...scratch } : operands;
    const pieces = plan.launches.map((launch) => runLaunch(device, launch, all));
    if (again) device.recorder.tape?.renews(again, pieces);
  } finally {
    for (const { storage } of Object.values(scratch)) storage.release();
  }
  if (device.debug) device.recorder.flush();
}

/** @returns the pieces it was cut into, one dispatch each */
function runLaunch(device: Device, launch: Launch, operands: Readonly<Record<string, Operand>>): Piece[] {
  const { shader, bind, constants, axes, params, workgroups } = launch;
  const ranges: Record<string, Bound> = {};
  const halves: string[] = [];
  for (const binding in shader.bindings) {
    if (shader.bindings[binding].access === 'uniform') continue;
    const tensor = bind[binding] ?? binding;
    const operand = operands[tensor];
    if (!operand && tensor !== NOTHING) {
      const have = Object.keys(operands).join(', ');
      throw new ShapeError(`${shader.label}: nothing is bound to '${binding}' (have ${have})`);
    }
    // WebGPU refuses empty bindings
    const isEmpty = !operand || sizeOf(operand.shape) === 0;
    if (!isEmpty) device.recorder.tape?.binds(operand.storage);
    ranges[binding] = isEmpty ? nothing(device) : rangeOf(operand);
    if (operand?.dtype === 'float16') halves.push(binding);
  }
  const pipeline = device.pipelines.pipeline(shader, constants, halves);
  const what = () => {
    const bound = Object.keys(ranges).map((binding) => [binding, operands[bind[binding] ?? binding]] as const);
    const shapes = bound.flatMap(([binding, operand]) => (operand ? [`${binding}: ${show(operand.shape)}`] : []));
    return `${shader.label} (${shapes.join(', ')})`;
  };
  device.recorder.profiler?.launches(launch);
  const pieces = splitLaunch({ shader, axes }, ranges, device.bindingLimit);
  for (const piece of pieces) {
    device.recorder.dispatch(pipeline, sliced(ranges, axes, piece), params(piece), workgroups(piece), what);
  }
  return pieces;
}

function rangeOf({ shape, dtype, storage, byteOffset }: Operand): Bound {
  return {
    buffer: storage.buffer,
    offset: byteOffset,
    size: bytesOf({ shape, dtype }),
    elementBytes: elementBytes(dtype),
  };
}

function nothing({ nothing: buffer }: Device): Bound {
  return { buffer, offset: 0, size: buffer.size, elementBytes: 4 };
}

function deviceOf(name: string, inputs: Inputs): Device {
  const first = Object.values(inputs).find((tensor) => tensor !== undefined);
  if (!first) throw new ShapeError(`${name}: no input to take the device from`);
  return first.device;
}

/** The inputs one after the other, each in the order its room asks for. */
function* asAsked<O>(
  operation: Operation<O>,
  inputs: Inputs,
  device: Device,
): Generator<[name: string, tensor: Tensor]> {
  for (const [name, tensor] of Object.entries(inputs)) {
    if (!tensor) continue;
    const asked = operation.inputs.find(
      (input) => input.name === name || (input.variadic && name.replace(/\d+$/, '') === input.name),
    );
    if (!asked) throw new ShapeError(`${operation.name}: unknown input '${name}'`);
    if (tensor.device !== device) throw new ShapeError(`${operation.name}: ${name} lives on another device`);
    const { dtype = 'float32' } = asked;
    if (asked.layout !== 'any' || asked.dtype) {
      if (tensor.dtype !== dtype && !(isFloat(dtype) && isFloat(tensor.dtype))) {
        throw new ShapeError(
          `${operation.name}: ${name} must be ${dtype}, given ${tensor.dtype} of shape ${show(tensor.shape)}`,
        );
      }
    }
    const order = asked.layout === 'any' ? tensor.order : orderOf(asked.layout, tensor.shape.length);
    const isInOrder = equivalentOrder(tensor.shape, order, tensor.order);
    if (asked.updated && !isInOrder) {
      throw new ShapeError(`${operation.name}: ${name} is written in place and must lie ${asked.layout} in memory`);
    }
    yield [name, isInOrder ? tensor : reordered(tensor, order)];
  }
  for (const { name, optional, variadic } of operation.inputs) {
    if (!optional && !variadic && !inputs[name]) throw new ShapeError(`${operation.name}: input '${name}' is missing`);
  }
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

interface Applied<O> {
  inputs: Record<string, Tensor>;
  outputs: Record<string, Tensor>;
  /** Options of the step under way. */
  renewed: (() => O) | undefined;
}

function record<O>(
  device: Device,
  operation: Operation<O>,
  problem: Problem<O>,
  { inputs, outputs, renewed }: Applied<O>,
): void {
  if (!device.gradEnabled || !operation.backward) return;
  const differentiable = (name: string) =>
    operation.inputs.find((input) => input.name === name || input.variadic)?.differentiable !== false;
  const wanted = new Set(Object.keys(inputs).filter((name) => inputs[name].requiresGrad && differentiable(name)));
  if (!wanted.size) return;
  const parts = device.tuner?.backwardParts(operation, problem, wanted) ?? [{ problem, wanted }];
  const names = new Set(parts.flatMap((part) => operation.saved?.(part.wanted, part.problem) ?? []));
  const everything: Record<string, Tensor> = { ...inputs, ...outputs };
  const saved = Object.fromEntries(
    [...names].filter((name) => everything[name]).map((name) => [name, everything[name]]),
  );
  outputs.y.node = new GraphNode(device, operation.name, outputs.y, {
    inputs: Object.fromEntries([...wanted].map((name) => [name, inputs[name]])),
    saved,
    run: (operands) => {
      for (const part of parts) {
        device.recorder.profiler?.runs(operation, part.problem, part.wanted);
        const plan = (options: O) => operation.backward!({ ...part.problem, options }, part.wanted);
        const again = renewed && (() => plan(renewed()));
        const searched = device.recorder.anomalies?.runs(operation.name, gradients(operands, wanted, false));
        runPlan(device, `${operation.name} backward`, plan(part.problem.options), operands, again);
        searched?.(gradients(operands, part.wanted, true));
      }
    },
  });
}

/** The operands of a backward pass that are gradients of inputs, or those that are not. */
function gradients(
  operands: Readonly<Record<string, Operand>>,
  wanted: ReadonlySet<string>,
  isGradient: boolean,
): Record<string, Operand> {
  const names = new Set([...wanted].map((name) => `d${name}`));
  return Object.fromEntries(Object.entries(operands).filter(([name]) => names.has(name) === isGradient));
}
