// A tab that is left training: neither the device's buffers nor the heaps of page and worker grow.
import type { CDPSession } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openApp } from './openApp.ts';

const test = suite('a tab left training');
const MINUTES = Number(process.env.WGRAD_TAB_MINUTES ?? 10);

interface Sample {
  gpuMiB: number;
  pageHeap: number;
  workerHeap: number;
}

test(`after ${MINUTES} minutes GPU bytes and heaps are flat`, async () => {
  const { page, close } = await openApp({ route: '/train?digits=1000&batchSize=32&epochs=1000' });
  try {
    const status = page.locator('.train > .status');
    await status.getByText('Ready').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await status.getByText(/epoch 2:/).waitFor({ timeout: 300_000 });
    const browser = await page.context().browser()!.newBrowserCDPSession();
    const ofPage = await heapOf(browser, 'page');
    const ofWorker = await heapOf(browser, 'worker');
    const sample = async (): Promise<Sample> => ({
      gpuMiB: Number(/GPU ([\d.]+) MiB/.exec((await status.textContent())!)![1]),
      pageHeap: await ofPage(),
      workerHeap: await ofWorker(),
    });
    const first = await sample();
    for (let minute = 1; minute <= MINUTES; minute++) {
      await page.waitForTimeout(60_000);
      console.log(`measured: minute ${minute}: ${JSON.stringify(await sample())}; ${await status.textContent()}`);
    }
    const last = await sample();
    console.log(`measured: from ${JSON.stringify(first)} to ${JSON.stringify(last)}`);
    assert.is(last.gpuMiB, first.gpuMiB);
    const most = (heap: number) => heap * 1.05 + 2 ** 20;
    assert.ok(last.pageHeap < most(first.pageHeap), 'the page grows');
    assert.ok(last.workerHeap < most(first.workerHeap), 'the worker grows');
  } finally {
    await close();
  }
});

test.run();

/** Bytes in use after a collection. */
async function heapOf(browser: CDPSession, type: 'page' | 'worker'): Promise<() => Promise<number>> {
  const { targetInfos } = await browser.send('Target.getTargets');
  const { targetId } = targetInfos.find((info) => info.type === type)!;
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
  let calls = 0;
  const call = (method: string) =>
    new Promise<{ usedSize: number }>((resolve) => {
      const id = ++calls;
      const listen = ({ sessionId: from, message }: { sessionId: string; message: string }) => {
        const answer = JSON.parse(message);
        if (from !== sessionId || answer.id !== id) return;
        browser.off('Target.receivedMessageFromTarget', listen);
        resolve(answer.result);
      };
      browser.on('Target.receivedMessageFromTarget', listen);
      browser.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
    });
  return async () => {
    await call('HeapProfiler.collectGarbage');
    return (await call('Runtime.getHeapUsage')).usedSize;
  };
}
