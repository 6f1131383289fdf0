// The fuzz run finds a wrong kernel and shrinks what it found. The fault is put into a copy of a room, here in the test.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Room, registry } from '../../kernels/registry.ts';
import { EditedShader, withShaders } from '../../lab/withShaders.ts';
import { recording, replaying } from './operations/choices.ts';
import { fuzzOperations, replay } from './operations/fuzzOperations.ts';
import { openDevices } from './operations/problem.ts';

const devices = await openDevices();
const quiet = { adapter: 'the default', seed: 1, seconds: 300, progress: () => {} };
const test = suite('fuzz');

test('a pooling kernel with the wrong stride along rows is found and shrunk to two pixels', async () => {
  const room = broken('maxPool2d', 'ow * params.strideWidth', 'ow * params.strideHeight');
  const { failures, tallies } = await fuzzOperations(devices, { ...quiet, rooms: [room], draws: 20 });
  assert.ok(tallies.get('maxPool2d')!.failures > 0);
  const { smallest } = failures[0];
  assert.match(smallest, /x: \{ shape: \[1, 1, 1, 2\]/);
  assert.match(smallest, /kernelSize: \[1, 1\]/);
});

test('a kept failure fails again with the wrong kernel and no longer with the right one', async () => {
  const room = broken('maxPool2d', 'ow * params.strideWidth', 'ow * params.strideHeight');
  const { failures } = await fuzzOperations(devices, { ...quiet, rooms: [room], draws: 10 });
  const kept = JSON.parse(JSON.stringify(failures)) as typeof failures;
  assert.is((await replay(devices, [room], kept)).length, kept.length);
  assert.is((await replay(devices, [roomOf('maxPool2d')], kept)).length, 0);
});

test('recorded choices draw the same problem again', () => {
  for (const { cases } of registry) {
    const made: number[] = [];
    let state = 1;
    const uniform = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const drawn = cases.draw(recording(uniform, made));
    assert.equal(cases.draw(replaying(made)), drawn);
  }
});

test('every operation holds on a few draws', async () => {
  const { failures } = await fuzzOperations(devices, {
    ...quiet,
    rooms: registry,
    seed: Number(process.env.WGRAD_SEED ?? 1),
    draws: registry.length * 4,
  });
  assert.equal(
    failures.map(({ smallest }) => smallest),
    [],
  );
});
test.run();

function roomOf(name: string): Room {
  return registry.find(({ operation }) => operation.name === name)!;
}

/** The room with one expression of its forward kernels replaced. */
function broken(name: string, right: string, wrong: string): Room {
  const room = roomOf(name);
  const edited = room.operation.shaders
    .filter(({ label, code }) => label.startsWith(`${name}/forward`) && code.includes(right))
    .map((shader) => new EditedShader(shader, shader.code.replace(right, wrong)).shader);
  assert.ok(edited.length > 0);
  return { ...room, operation: withShaders(room.operation, edited) };
}
