// Rooms that take tensors as they lie: inputs in random physical orders, as permute() leaves them, forwards and backwards.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, reordered } from '../../engine/apply.ts';
import { matmul } from '../../engine/functional/linear.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { Tensor } from '../../engine/tensor.ts';
import type { MatmulOptions } from '../../kernels/matmul/matmul.ts';
import type { NdArray } from '../../kernels/ndarray.ts';
import { type Room, registry } from '../../kernels/registry.ts';
import { assertClose } from '../../lab/compare.ts';
import { drawFrom, filled, uniformFrom } from '../../lab/inputs.ts';

const DRAWS = Number(process.env.WGRAD_DRAWS ?? 30);
const seed = Number(process.env.WGRAD_SEED ?? Math.floor(Date.now() / 1000) % 1e6);
console.log(`random draws from WGRAD_SEED=${seed}`);

const device = await createDevice();
const test = suite('physical orders');

for (const room of registry.filter(takesAnyOrder)) {
  test(`${room.operation.name} takes tensors in any physical order`, async () => {
    for (let i = 0; i < DRAWS; i++) await checkDraw(room, seed + i);
  });
}

test('matmul reads batches transposed with one b for all', async () => {
  using _scope = device.scope();
  const a = device.tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
  const y = matmul(a, device.tensor([1, 10], [2, 1]), { transposeA: true });
  assert.equal(await y.array(), [
    [[31], [42]],
    [[75], [86]],
  ]);
});
test.run();

/** In-place rooms want equal orders and random ones count along memory: both only ever see their own. */
function takesAnyOrder({ operation: { name, inputs } }: Room): boolean {
  return name !== 'dropout' && inputs.every(({ layout, updated }) => layout === 'any' && !updated);
}

async function checkDraw({ operation, reference, cases }: Room, drawSeed: number): Promise<void> {
  const uniform = uniformFrom(drawSeed);
  const { inputs, options, tolerance } = cases.draw(drawFrom(uniform));
  const values: Record<string, NdArray> = {};
  for (const [name, input] of Object.entries(inputs)) values[name] = filled(input, uniform);
  const expected = reference.forward(values, options);
  const dy = filled({ shape: expected.y.shape }, uniform);

  using _scope = device.scope();
  const leaves: Record<string, Tensor> = {};
  const turned: Record<string, Tensor> = {};
  for (const [name, { data, shape }] of Object.entries(values)) {
    leaves[name] = device.tensor(data, shape);
    leaves[name].requiresGrad = Boolean(reference.backward);
    turned[name] = reordered(leaves[name], shuffled(shape.length, uniform));
  }
  const orders = Object.values(turned).map(({ order }) => `[${order}]`);
  const what = `${operation.name} of ${JSON.stringify(inputs)} in orders ${orders}, ${JSON.stringify(options)}:`;
  // one b for all batches: the function reorders a where the operation refuses it
  const { a, b } = turned;
  const outputs =
    operation.name === 'matmul' ? { y: matmul(a, b, options as MatmulOptions) } : apply(operation, turned, options);
  for (const name of cases.compared ?? Object.keys(expected)) {
    const { shape } = outputs[name];
    assertClose(`${what} ${name}`, { shape, data: await outputs[name].data() }, expected[name], tolerance);
  }
  if (!reference.backward) return;
  outputs.y.backward(device.tensor(dy.data, dy.shape, { dtype: outputs.y.dtype }));
  for (const [name, gradient] of Object.entries(reference.backward(values, expected, dy, options))) {
    const { shape } = leaves[name];
    assertClose(`${what} d${name}`, { shape, data: await leaves[name].grad!.data() }, gradient, tolerance);
  }
}

function shuffled(rank: number, uniform: () => number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i);
  for (let i = rank - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
