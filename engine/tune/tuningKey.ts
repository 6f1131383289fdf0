// What a measured choice is valid for: an adapter, and a class of problems of one operation.
import { type Operation, type Problem, sameOrder, spec, type TensorSpec } from '../../kernels/definition.ts';
import type { Device } from '../device.ts';
import { crc32 } from '../serialization/pytorch/crc32.ts';

/** An adapter with the features that are in use, and whatever else changes the code it makes (Dawn's toggles). */
export function adapterKey({ gpu, capabilities }: Device, toggles: readonly string[] = []): string {
  const { vendor, architecture, device, description } = gpu.adapterInfo;
  const features = [...gpu.features].sort();
  return JSON.stringify([vendor, architecture, device, description, capabilities.kind, features, [...toggles].sort()]);
}

/**
 * One text for all problems that one measurement serves. Extents that grow with the batch or the image are rounded to
 * powers of two; channels, weights and options count as they are. Another text once the operation's kernels change.
 * @param wanted in the backward pass: the inputs whose gradient is asked for
 */
export function problemKey(
  operation: Operation<never>,
  { inputs, options }: Pick<Problem<unknown>, 'inputs' | 'options'>,
  wanted?: ReadonlySet<string>,
): string {
  const pass = wanted ? `backward to ${[...wanted].sort().join(',')}` : 'forward';
  const classes = Object.entries(inputs).map(([name, tensor]) => `${name}${classOf(operation, name, tensor)}`);
  return [operation.name, pass, ...classes, JSON.stringify(options), kernelsOf(operation)].join(' ');
}

function classOf({ inputs }: Operation<never>, name: string, { shape, dtype, order }: TensorSpec): string {
  const layout = inputs.find((input) => input.name === name)?.layout;
  const isWeight = layout === 'convWeight' || layout === 'linearWeight';
  const channels = shape.length === 4 ? 1 : shape.length - 1;
  const extents = shape.map((extent, i) => (isWeight || i === channels ? extent : powerOfTwo(extent)));
  const usual = sameOrder(order, spec(shape, dtype, layout ?? 'any').order);
  return `[${extents.join(',')}]${dtype === 'float32' ? '' : dtype}${usual ? '' : `(${order.join(',')})`}`;
}

/** The nearest, by ratio. */
function powerOfTwo(extent: number): number {
  return extent > 0 ? 2 ** Math.round(Math.log2(extent)) : 0;
}

/** Of operations that were asked for; they never change. */
const checksums = new WeakMap<object, string>();

/** A checksum of all WGSL of an operation. */
function kernelsOf(operation: Operation<never>): string {
  let text = checksums.get(operation);
  if (text === undefined) {
    const encoder = new TextEncoder();
    text = operation.shaders.reduce((sum, { code }) => crc32(encoder.encode(code), sum), 0).toString(16);
    checksums.set(operation, text);
  }
  return text;
}
