// The loader of the built package with web workers, in a real browser.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launchChromium } from '../browser/chromium.ts';
import { serveFolder } from '../browser/serveFolder.ts';

const root = join(import.meta.dirname, '..', '..');
const worker = join(root, 'dist', 'datasets', 'loader', 'webWorkerEntry.js');
if (!existsSync(worker)) throw new Error(`browser: ${worker} is missing; npm run build makes it`);
const server = await serveFolder(root);
const browser = await launchChromium();
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.port}/tests/datasets/workersBrowser.html`);
await page.waitForFunction("'load' in window");
const test = suite('web workers');

test.after(async () => {
  await browser.close();
  server.close();
});

test('web workers give the batches that the page gives alone', async () => {
  for (const set of ['memory', 'source'] as const) {
    for (const isTransformed of [false, true]) {
      const alone = await load(set, 0, isTransformed);
      assert.is(alone.error, undefined);
      assert.ok(alone.numbers!.length > 20 * 6);
      assert.equal(await load(set, 2, isTransformed), alone, set);
    }
  }
});

test('an error in a web worker arrives as the same class', async () => {
  const { error } = await load('damaged', 2, false);
  assert.is(error, 'FormatError FormatError: grey: image 9 is damaged');
});
test.run();

function load(
  set: 'memory' | 'source' | 'damaged',
  workers: number,
  isTransformed: boolean,
): Promise<{ numbers?: number[]; error?: string }> {
  return page.evaluate(`load(${JSON.stringify(set)}, ${workers}, ${isTransformed})`);
}
