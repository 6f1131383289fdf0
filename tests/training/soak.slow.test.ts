// A long run with tests and checkpoints between: what it holds at the end is what it held at the start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { soak } from '../../bench/soakRun.ts';
import { glyphs } from '../../datasets/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';

const test = suite('soak');
const STEPS = Number(process.env.WGRAD_SOAK_STEPS ?? 20_000);

test(`${STEPS} steps: GPU buffers +0, heap within 5 %`, async () => {
  const device = await createDevice();
  const root = mkdtempSync(join(tmpdir(), 'wgrad-soak-'));
  const trainSet = glyphs({ count: 16_000 });
  const testSet = glyphs({ train: false, count: 1_000 });
  const samples = await soak({ device, trainSet, testSet, out: join(root, 'run'), steps: STEPS });
  rmSync(root, { recursive: true });
  assert.is(samples.at(-1)!.step, STEPS);
  const [, start] = samples; // the first epoch fills pools and caches
  for (const { epoch, tensors, gpuBytes, buffers, reservedBytes } of samples.slice(1)) {
    const found = [tensors, gpuBytes, buffers, reservedBytes];
    assert.equal(found, [start.tensors, start.gpuBytes, start.buffers, start.reservedBytes], `after epoch ${epoch}`);
  }
  const end = samples.at(-1)!;
  console.log(
    `measured: heap ${start.heapBytes} to ${end.heapBytes} bytes, resident ${start.rssBytes} to ${end.rssBytes}`,
  );
  assert.ok(end.heapBytes < 1.05 * start.heapBytes, 'the heap grows');
  assert.is(device.memory().tensors, 0);
  device.destroy();
});

test.run();
