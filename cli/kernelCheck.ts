// `wgrad kernel check`
import { createDevice } from '../engine/node/createDevice.ts';
import { registry } from '../kernels/registry.ts';
import { roomChecks } from '../lab/checkRoom.ts';
import { findRoom } from './findRoom.ts';

interface KernelCheckOptions {
  draws: number;
  seed?: number;
  adapter?: string;
}

/** Prints a line for each operation and every failure; the exit code is 1 when there is one. */
export async function kernelCheck(name: string | undefined, options: KernelCheckOptions): Promise<void> {
  const rooms = name === undefined ? registry : [findRoom(name.split('/')[0])];
  const { draws, adapter, seed = Date.now() % 1_000_000 } = options;
  const device = await createDevice(adapter === undefined ? {} : { adapter });
  console.log(`${device.adapterName}, ${draws} draws from seed ${seed}`);
  let [passed, failed] = [0, 0];
  for (const room of rooms) {
    const started = performance.now();
    const { checks, skipped } = roomChecks(device, room, { draws, seed });
    const failures: string[] = [];
    for (const { name, run } of checks) {
      try {
        await run();
      } catch (error) {
        failures.push(`${name}\n${(error as Error).message}`);
      }
    }
    passed += checks.length - failures.length;
    failed += failures.length;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const counts = `${checks.length - failures.length} passed${failures.length ? `, ${failures.length} failed` : ''}`;
    console.log(`${failures.length ? 'FAIL' : 'ok  '} ${room.operation.name}: ${counts} (${seconds} s)`);
    for (const line of skipped) console.log(`     skipped: ${line}`);
    for (const failure of failures) console.log(failure.replace(/^/gm, '  | '));
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
