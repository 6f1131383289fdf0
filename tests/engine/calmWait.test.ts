// Waiting without spinning: promises turn out as they are, other work goes on, and nothing is left running.
import { setTimeout as delay } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CalmWait } from '../../engine/node/calmWait.ts';
import { createDevice } from '../../engine/node/createDevice.ts';

const test = suite('calmWait');

/** Runs `fn` and counts the sleeps meanwhile. */
async function countingSleeps(fn: () => Promise<void>): Promise<number> {
  const { wait } = Atomics;
  let sleeps = 0;
  Atomics.wait = ((...args: Parameters<typeof wait>) => {
    sleeps++;
    return wait(...args);
  }) as typeof wait;
  try {
    await fn();
  } finally {
    Atomics.wait = wait;
  }
  return sleeps;
}

test('values and errors come through', async () => {
  const wait = new CalmWait();
  assert.is(await wait.for(Promise.resolve(7)), 7);
  const wrong = new Error('lost');
  assert.is(await wait.for(Promise.reject(wrong)).catch((error: Error) => error), wrong);
});

test('it sleeps while something is pending, other work goes on meanwhile, and then it stops', async () => {
  const wait = new CalmWait();
  let others = 0;
  const during = await countingSleeps(async () => {
    const waits = [wait.for(delay(30)), wait.for(delay(60))];
    for (let i = 0; i < 5; i++) {
      await delay(1);
      others++;
    }
    await Promise.all(waits);
  });
  assert.ok(during > 5, `${during} sleeps`);
  assert.is(others, 5);
  assert.is(
    await countingSleeps(async () => {
      await delay(20);
    }),
    0,
  );
});

test('one wait after the other sleeps once in a turn, not once for each', async () => {
  const wait = new CalmWait();
  const sleeps = await countingSleeps(async () => {
    for (let i = 0; i < 100; i++) {
      await wait.for(Promise.resolve());
      await Promise.resolve();
    }
    await wait.for(new Promise((resolve) => setImmediate(() => setImmediate(resolve))));
  });
  assert.ok(sleeps <= 4, `${sleeps} sleeps`);
});

test('devices that compute on the CPU wait that way, for reads and for idle()', async () => {
  const device = await createDevice();
  if (device.capabilities.kind === 'gpu') return console.log('skipped: a GPU computes elsewhere');
  const sleeps = await countingSleeps(async () => {
    using _ = device.scope();
    const x = device.tensor(new Float32Array(512 * 512), [512, 512]);
    assert.is((await x.matmul(x).data())[0], 0);
    x.matmul(x);
    await device.idle();
  });
  assert.ok(sleeps > 0);
});

test.run();
