// Every room against PyTorch: tests/fixtures/rooms.py asked it once, on small cases and a few draws, in float64. The
// reference and the kernels are held against its answers separately, so neither is right only by the other's word.
import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import { apply } from '../../engine/apply.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { type NdArray, ndarray } from '../../kernels/ndarray.ts';
import { type Room, registry } from '../../kernels/registry.ts';
import { assertClose } from '../../lab/compare.ts';
import {
  type CaseFixture,
  decoded,
  type EncodedArray,
  type RoomFixture,
  withoutPyTorch,
} from '../fixtures/roomFixture.ts';

/** Both sides compute in float64; the answers are kept as float32, 6e-8 relative. */
const REFERENCE_TOLERANCE = 1e-6;

const device = await createDevice();
const rooms = suite('rooms');

rooms('every room has a fixture, or a reason to have none', () => {
  const names = registry.map(({ operation }) => operation.name);
  const unsettled = names.filter((name) => Object.hasOwn(withoutPyTorch, name) === existsSync(fixtureOf(name)));
  if (unsettled.length) {
    throw new Error(
      `${unsettled.join(', ')}: either tests/fixtures/rooms.py answers for a room, or withoutPyTorch in tests/fixtures/roomFixture.ts says why not`,
    );
  }
});
rooms.run();

for (const room of registry) {
  if (existsSync(fixtureOf(room.operation.name))) testRoom(room);
}

function testRoom(room: Room): void {
  const { cases } = JSON.parse(readFileSync(fixtureOf(room.operation.name), 'utf8')) as RoomFixture;
  const test = suite(room.operation.name);
  for (const fixture of cases) {
    const options = JSON.stringify(fixture.options);
    test(`reference equals PyTorch: ${fixture.name}, ${options}`, () => checkReference(room, fixture));
    test(`GPU equals PyTorch: ${fixture.name}, ${options}`, () => checkOnGpu(room, fixture));
  }
  test.run();
}

function checkReference({ reference }: Room, fixture: CaseFixture): void {
  const inputs = allDecoded(fixture.inputs);
  const outputs = reference.forward(inputs, fixture.options);
  for (const [name, answer] of Object.entries(fixture.outputs)) {
    assertClose(`reference ${name}`, outputs[name], decoded(answer), REFERENCE_TOLERANCE);
  }
  if (!fixture.dy) return;
  const gradients = reference.backward!(inputs, outputs, decoded(fixture.dy), fixture.options);
  for (const [name, answer] of Object.entries(fixture.gradients)) {
    assertClose(`reference d${name}`, gradients[name], decoded(answer), REFERENCE_TOLERANCE);
  }
}

async function checkOnGpu({ operation }: Room, fixture: CaseFixture): Promise<void> {
  using _scope = device.scope();
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape, data }] of Object.entries(allDecoded(fixture.inputs))) {
    const spec = operation.inputs.find((input) => input.name === (input.variadic ? name.replace(/\d+$/, '') : name))!;
    tensors[name] = device.tensor(data, shape, { dtype: spec.dtype ?? 'float32', layout: spec.layout });
    tensors[name].requiresGrad = name in fixture.gradients;
  }
  const outputs = apply(operation, tensors, fixture.options, { device });
  for (const [name, answer] of Object.entries(fixture.outputs)) {
    const actual = await read(outputs[name] ?? tensors[name]); // updated inputs are answered for too
    assertClose(`GPU ${name}`, actual, decoded(answer), fixture.tolerance);
  }
  if (!fixture.dy) return;
  const { shape, data } = decoded(fixture.dy);
  outputs.y.backward(device.tensor(data, shape, { dtype: outputs.y.dtype }));
  for (const [name, answer] of Object.entries(fixture.gradients)) {
    const { grad } = tensors[name];
    if (!grad) throw new Error(`no gradient of ${name} arrived`);
    assertClose(`GPU d${name}`, await read(grad), decoded(answer), fixture.tolerance);
  }
}

function fixtureOf(room: string): URL {
  return new URL(`../fixtures/rooms/${room}.json`, import.meta.url);
}

function allDecoded(arrays: Readonly<Record<string, EncodedArray>>): Record<string, NdArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, decoded(array)]));
}

async function read(tensor: Tensor): Promise<NdArray> {
  return ndarray(tensor.shape, await tensor.data());
}
