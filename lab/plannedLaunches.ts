// What a problem would run, found by planning alone.
import { type Capabilities, type Launch, spec, type TensorSpec } from '../kernels/definition.ts';
import type { Room } from '../kernels/registry.ts';
import { type AnyCase, inputSpec, isDifferentiable } from './checkCase.ts';

/**
 * The launches of the forward pass, then those of the backward pass with every gradient wanted.
 * @throws ShapeError for a problem that the operation refuses
 */
export function plannedLaunches(room: Room, test: AnyCase, device: Capabilities, variant?: string): Launch[] {
  const { operation } = room;
  const inputs: Record<string, TensorSpec> = {};
  for (const [name, { shape }] of Object.entries(test.inputs)) {
    const { dtype, layout } = inputSpec(room, name);
    inputs[name] = spec(shape, dtype, layout);
  }
  const problem = { inputs, outputs: operation.infer(inputs, test.options), options: test.options, device, variant };
  const wanted = new Set(Object.keys(inputs).filter((name) => isDifferentiable(room, name)));
  const plans = [operation.forward(problem), ...(operation.backward ? [operation.backward(problem, wanted)] : [])];
  return plans.flatMap(({ launches }) => launches);
}

/** Of a launch that is not cut. */
export function workgroupsOf({ axes, workgroups }: Launch): number {
  const ranges = Object.fromEntries(
    Object.entries(axes).map(([name, { extent }]) => [name, { start: 0, count: extent }]),
  );
  const [x, y = 1, z = 1] = workgroups(ranges);
  return x * y * z;
}
