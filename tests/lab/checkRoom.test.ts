// The checks of rooms must be able to fail.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDevice } from '../../engine/node/createDevice.ts';
import type { NdArrays } from '../../kernels/ndarray.ts';
import { type Room, registry } from '../../kernels/registry.ts';
import { roomChecks } from '../../lab/checkRoom.ts';

const test = suite('checkRoom');
const device = await createDevice();
const relu = registry.find(({ operation }) => operation.name === 'relu')!;

test('a room whose kernel and reference agree passes all its checks', async () => {
  assert.equal(await failuresOf(relu), []);
});

test('one wrong element of the forward pass is found', async () => {
  const forward = (...given: Parameters<Room['reference']['forward']>) => nudged(relu.reference.forward(...given), 'y');
  const failures = await failuresOf({ ...relu, reference: { ...relu.reference, forward } });
  assert.ok(
    failures.some((text) => /^GPU equals reference: .*relu y: element 0 is .*, expected/.test(text)),
    failures[0],
  );
});

test('one wrong element of a gradient is found by central differences and on the GPU', async () => {
  const backward = (...given: Parameters<NonNullable<Room['reference']['backward']>>) =>
    nudged(relu.reference.backward!(...given), 'x');
  const failures = await failuresOf({ ...relu, reference: { ...relu.reference, backward } });
  assert.ok(
    failures.some((text) => /^reference equals central differences: .*dx\[0\]/.test(text)),
    failures[0],
  );
  assert.ok(failures.some((text) => /^GPU equals reference on 3 random draws: draw 0 of seed 1: .*relu dx/.test(text)));
});

test('without draws only the cases are checked', () => {
  const { checks } = roomChecks(device, relu, { draws: 0, seed: 1 });
  assert.not(checks.some(({ name }) => name.includes('random draws')));
  assert.ok(checks.length >= relu.cases.cases.length);
});

test.run();

async function failuresOf(room: Room): Promise<string[]> {
  const failures: string[] = [];
  for (const { name, run } of roomChecks(device, room, { draws: 3, seed: 1 }).checks) {
    try {
      await run();
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message.replaceAll('\n', ' ')}`);
    }
  }
  return failures;
}

function nudged(arrays: NdArrays, name: string): NdArrays {
  arrays[name].data[0] += 0.01 * Math.max(1, ...arrays[name].data.map(Math.abs));
  return arrays;
}
