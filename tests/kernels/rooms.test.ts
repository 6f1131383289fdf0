// Every room of the registry: its reference against central differences, its kernels against the reference, on all
// cases, on random draws, on every variant, and with a binding limit so small that launches must be cut.
// One room alone: ROOM=conv2d npx tsx tests/kernels/rooms.test.ts
import { suite } from 'uvu';
import { createDevice } from '../../engine/node/createDevice.ts';
import { type Room, registry } from '../../kernels/registry.ts';
import { checkOnGpu } from '../../lab/checkCase.ts';
import { roomChecks } from '../../lab/checkRoom.ts';
import { drawFrom, uniformFrom } from '../../lab/inputs.ts';

const DRAWS = Number(process.env.WGRAD_DRAWS ?? 200);
/** Of each room; all unless told otherwise. */
const CASES = Number(process.env.WGRAD_CASES ?? Number.POSITIVE_INFINITY);
/** Takes SwiftShader over five minutes: its barriers are slow, and here each of 65,600 sums has a workgroup of 256. */
const SLOW_ON_SWIFTSHADER = /^GPU equals reference \((tile|largeTile)\): more than 65,535 batches$/;
const seed = Number(process.env.WGRAD_SEED ?? Math.floor(Date.now() / 1000) % 1e6);
console.log(`random draws from WGRAD_SEED=${seed}`);

const device = await createDevice();
/** Every binding over 4 KiB is cut: the same code path as 144 MiB against 128 MiB. */
const smallDevice = await createDevice({ bindingLimit: 4096 });

for (const room of registry.filter(({ operation }) => !process.env.ROOM || operation.name === process.env.ROOM)) {
  testRoom(room);
}

function testRoom(room: Room): void {
  const { operation, cases } = room;
  const test = suite(operation.name);
  const shortened = { ...room, cases: { ...cases, cases: cases.cases.slice(0, CASES) } };
  const { checks, skipped } = roomChecks(device, shortened, { draws: DRAWS, seed });
  for (const line of skipped) console.log(`skipped: ${line}`);
  for (const { name, run } of checks) {
    const isTooSlow = device.capabilities.kind === 'swiftshader' && SLOW_ON_SWIFTSHADER.test(name);
    if (!isTooSlow) test(name, run);
    else console.log(`skipped: ${operation.name}: ${name}: too slow on SwiftShader`);
  }

  test('launches cut by the binding limit give the same', async () => {
    let cut = 0;
    for (let i = 0; i < 40 && cut < DRAWS; i++) {
      const drawn = cases.draw(drawFrom(uniformFrom(seed + i)));
      try {
        await checkOnGpu(smallDevice, room, drawn, seed + i);
        cut++;
      } catch (error) {
        // one unit alone may exceed 4 KiB; the message says so, and nothing wrong was computed
        if (!/more than the 4096 bytes|cannot be cut/.test((error as Error).message)) throw error;
      }
    }
    if (cut === 0) throw new Error('every draw was refused');
  });

  test('leaves no memory behind', async () => {
    const before = device.memory();
    await checkOnGpu(device, room, cases.draw(drawFrom(uniformFrom(seed))), seed);
    const after = device.memory();
    if (after.tensors !== before.tensors || after.bytes !== before.bytes) {
      throw new Error(`tensors ${before.tensors} -> ${after.tensors}, bytes ${before.bytes} -> ${after.bytes}`);
    }
  });
  test.run();
}
