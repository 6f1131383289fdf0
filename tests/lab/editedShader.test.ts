// Edited shaders in place of a room's own, and the end of loops that have none.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apply } from '../../engine/apply.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { type Room, registry } from '../../kernels/registry.ts';
import { relu } from '../../kernels/relu/relu.ts';
import type { Shader } from '../../kernels/shader.ts';
import { checkOnGpu } from '../../lab/checkCase.ts';
import { checkLoopGuard, guardLoops, LOOP_GUARD, withLoopGuard } from '../../lab/guardLoops.ts';
import { plannedLaunches, workgroupsOf } from '../../lab/plannedLaunches.ts';
import { EditedShader, withShaders } from '../../lab/withShaders.ts';

const device = await createDevice();
const test = suite('edited shaders');

const scalar = shaderOf('relu/forward');
const odd = { inputs: { x: { shape: [3, 5, 7] } }, options: {} };

test('an edited text runs in place of the original', async () => {
  const wrong = scalar.code.replace('return select(', 'return Element(1) + select(');
  await checkOnGpu(device, roomOf('relu'), odd, 0);
  await fails(
    checkOnGpu(device, roomOf('relu'), odd, 0, { edits: [new EditedShader(scalar, wrong)] }),
    /relu y: element 0 is/,
  );
});

test('an unchanged text passes with its loops guarded, barriers within them or not', async () => {
  for (const name of ['relu', 'sum', 'matmul']) {
    const room = roomOf(name);
    const edits = room.operation.shaders.map((shader) => new EditedShader(shader, shader.code));
    for (const [i, kase] of room.cases.cases.slice(0, 4).entries()) await checkOnGpu(device, room, kase, i, { edits });
  }
});

test('a loop without an end is stopped and named by its line', async () => {
  const endless =
    'var k = 1u;\n  /* loop { */ while (k != 0u) { k = k * 3u + 1u; }\n  return Element(f32(k)) * select(';
  const code = scalar.code.replace('return select(', endless);
  const { shader } = new EditedShader(scalar, code);
  using _ = device.scope();
  const guard = device.tensor(new Uint32Array(1));
  const run = (trips: number) => {
    const operation = withLoopGuard(withShaders(relu, [guardLoops(shader, trips)]));
    return apply(operation, { x: device.tensor([1, -2, 3]), [LOOP_GUARD]: guard }, {}).y!.data();
  };
  await run(100);
  const [line] = await guard.data();
  assert.is(line, code.slice(0, code.indexOf('while')).split('\n').length);
  assert.throws(
    () => checkLoopGuard(line!, { label: 'mine', trips: 100 }),
    `mine: the loop at line ${line} did not end`,
  );
});

test('a text that the room cannot bind is refused, saying what differs', () => {
  const refused = (from: string | RegExp, to: string, message: RegExp) => {
    assert.throws(() => new EditedShader(scalar, scalar.code.replace(from, to)), message);
  };
  refused('elements: u32,', 'elements: u32, more: f32,', /gives no field of Params 'more'; it gives elements/);
  refused('> x: array', '> z: array', /gives no binding 'z'; it gives x, y, params/);
  refused(/^@group.* y: .*$/m, '', /gives the binding 'y', which the text does not declare/);
  refused('<storage, read> x', '<storage, read_write> x', /binds 'x' as read, the text declares it as read_write/);
  assert.throws(() => guardLoops({ ...scalar, code: `${scalar.code}\nfn wgradStop() {}` }, 10), /are taken/);
});

test('planning names the shaders that a problem runs', () => {
  const launches = plannedLaunches(roomOf('relu'), odd, device.capabilities);
  assert.equal(
    launches.map(({ shader }) => shader.label),
    ['relu/forward', 'relu/backward'],
  );
  assert.ok(workgroupsOf(launches[0]!) >= 1);
});

test.run();

function shaderOf(label: string): Shader {
  return relu.shaders.find((shader) => shader.label === label)!;
}

function roomOf(name: string): Room {
  return registry.find(({ operation }) => operation.name === name)!;
}

async function fails(checked: Promise<void>, message: RegExp): Promise<void> {
  await checked.then(
    () => assert.unreachable('it passed'),
    (error: Error) => assert.match(error.message, message),
  );
}
