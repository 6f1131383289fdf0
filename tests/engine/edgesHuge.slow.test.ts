// One real tensor of more than 2^31 bytes: written, mapped, summed and read back, beyond what i32 counts. The adapter
// binds 128 MiB at a time, so every launch is cut.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { full } from '../../engine/functional/creation.ts';
import { add, sum } from '../../engine/functional/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';

const device = await createDevice();
/** 2 GiB and a little; rows are whole so that sums of rows say which row went wrong. */
const [rows, columns] = [2 ** 19 + 5, 1024];
const bytes = rows * columns * 4;
const test = suite('a tensor of more than 2^31 bytes');
const isPossible = device.gpu.limits.maxBufferSize >= bytes;
if (!isPossible) console.log(`skipped: maxBufferSize is ${device.gpu.limits.maxBufferSize}`);

if (isPossible) {
  test('every row is filled, mapped and summed, the last ones too', async () => {
    using _scope = device.scope();
    assert.ok(bytes > 2 ** 31);
    const y = add(full(device, [rows, columns], 2), 1);
    const sums = await sum(y, 1).data();
    assert.is(sums.length, rows);
    assert.ok(sums.every((value) => value === 3 * columns));
  });
}

test.run();
