// The Train page in a real Chromium: it learns, remembers, answers, and survives what goes wrong.
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import { type OpenAppOptions, openApp } from './openApp.ts';
import { seriousViolations } from './seriousViolations.ts';

const test = suite('Train page');
const MINUTES = 60_000;

const status = (page: Page) => page.locator('.train > .status');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const shown = (page: Page, text: RegExp | string, timeout = MINUTES) =>
  status(page).getByText(text).waitFor({ timeout });

/** The browser ends with the test, however that ends. */
async function onPage(options: OpenAppOptions, run: (page: Page) => Promise<void>): Promise<void> {
  const { page, close } = await openApp(options);
  try {
    await run(page);
  } catch (error) {
    await close().catch(() => {}); // what the test found comes first
    throw error;
  }
  await close();
}

test('from a click it learns the embedded digits to 95 %, and a reload goes on with its weights', async () => {
  await onPage({ route: '/train?digits=3000&batchSize=32&epochs=12&lr=0.003' }, async (page) => {
    await shown(page, 'Ready');
    const curve = page.getByRole('img', { name: /^loss over step/ });
    const before = await curve.getAttribute('aria-label');
    await button(page, 'Train').click();
    await shown(page, /test accuracy (?:9[5-9]|100)/, 5 * MINUTES);
    assert.is.not(await curve.getAttribute('aria-label'), before, 'the curve moves');
    const block = /longest block of this page (\d+) ms/.exec((await status(page).textContent())!)?.[1] ?? 'under 50';
    console.log(`measured: longest block of the page while training: ${block} ms`);
    assert.ok(block === 'under 50' || Number(block) < 200, `${block} ms`);
    await button(page, 'Pause').click();
    await shown(page, 'Paused');
    assert.ok((await page.getByRole('img', { name: /^Filters of the first convolution/ }).count()) === 6);
    assert.is(await page.locator('.confusion td.right').count(), 10);

    await page.reload();
    await shown(page, 'Ready');
    await button(page, 'Go on with it').click();
    await shown(page, 'Paused');
    let right = 0;
    for (let index = 1; index <= 10; index++) {
      await page.getByLabel('Test image').fill(String(index));
      await page.getByLabel('Test image').press('Enter');
      const label = glyphs({ train: false, count: 11 }).labels[index];
      const answer = page.locator('.answer p', { hasText: `it is ${label}` });
      await answer.waitFor({ timeout: MINUTES });
      right += Number((await answer.textContent())!.startsWith(`Prediction: ${label};`));
    }
    assert.ok(right >= 8, `${right} of 10 test images`);
  });
});

test('weights are saved and opened again; those of another network and damaged ones are refused', async () => {
  await onPage({ route: '/train?digits=200&batchSize=50&epochs=1' }, async (page) => {
    await shown(page, 'Ready');
    const download = page.waitForEvent('download');
    await button(page, 'Save weights').click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    assert.ok(bytes.length > 61_706 * 4);
    const open = (name: string, buffer: Buffer) =>
      page.getByLabel('Weights of this network').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
    await open('cut.safetensors', bytes.subarray(0, 1000));
    await page.getByRole('alert').getByText('cut.safetensors').waitFor();
    const other = Buffer.from(bytes);
    other.write('konv1', bytes.indexOf('conv1'));
    await open('other.safetensors', other);
    await page.getByRole('alert').getByText('konv1').waitFor();
    await open('weights.safetensors', bytes);
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });
});

test("MNIST's files are read; truncated ones and labels of another split are refused", async () => {
  await onPage({ route: '/train?digits=100&batchSize=50&epochs=1' }, async (page) => {
    await shown(page, 'Ready');
    const { images, ...set } = glyphs({ count: 150 });
    const labels = Uint8Array.from(set.labels);
    const imageFile = Buffer.concat([header(0x803, [150, 28, 28]), images]);
    const labelFile = Buffer.concat([header(0x801, [150]), labels]);
    const open = (files: Record<string, Buffer>) =>
      page
        .getByLabel(/^Data: MNIST/)
        .setInputFiles(
          Object.entries(files).map(([name, buffer]) => ({ name, mimeType: 'application/octet-stream', buffer })),
        );
    await open({ 'train-images-idx3-ubyte': imageFile.subarray(0, 5000), 'train-labels-idx1-ubyte': labelFile });
    await page
      .getByRole('alert')
      .getByText(/train-images-idx3-ubyte: .*truncated/)
      .waitFor();
    const fewer = Buffer.concat([header(0x801, [149]), labels.subarray(0, 149)]);
    await open({ 'train-images-idx3-ubyte': imageFile, 'train-labels-idx1-ubyte': fewer });
    await page.getByRole('alert').getByText('holds 149 labels').waitFor();
    await open({ 'notes.txt': Buffer.from('hello') });
    await page.getByRole('alert').getByText('given notes.txt').waitFor();
    await open({ 'renamed.gz': gzipSync(imageFile), 'too.gz': gzipSync(labelFile) });
    await page.getByText('on MNIST: 120 training and 30 test images').waitFor();
    await button(page, 'Train').click();
    await shown(page, 'Finished');
  });
});

test('a device lost in the middle of training is told, and training goes on from the kept weights', async () => {
  await onPage({ route: '/train?digits=300&batchSize=50&epochs=200&faults' }, async (page) => {
    await shown(page, 'Ready');
    await button(page, 'Train').click();
    await shown(page, /epoch 2:/);
    await button(page, 'Lose the device').click();
    await page.getByRole('alert').getByText('DeviceLostError').waitFor({ timeout: MINUTES });
    await button(page, 'Start again').click();
    await shown(page, 'Paused');
    await button(page, 'Resume').click();
    await shown(page, /Training · step \d+/);
    const epoch = Number(/epoch (\d+):/.exec((await status(page).textContent())!)![1]);
    await shown(page, `epoch ${epoch + 1}:`);
    await button(page, 'Pause').click();
    await shown(page, 'Paused');
  });
});

test('a digit that is drawn is answered; the page fits a phone and is accessible, light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await onPage(
      {
        route: '/train?digits=100&epochs=1',
        viewport: { width: 390, height: 844 },
        colorScheme,
      },
      async (page) => {
        await shown(page, 'Ready');
        await button(page, 'Clear, to draw').click();
        const pad = (await page.locator('.image-pad').boundingBox())!;
        await page.locator('.image-pad').scrollIntoViewIfNeeded();
        const box = (await page.locator('.image-pad').boundingBox()) ?? pad;
        const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
        await page.mouse.move(...at(0.5, 0.2));
        await page.mouse.down();
        await page.mouse.move(...at(0.5, 0.8), { steps: 5 });
        await page.mouse.up();
        await page.locator('.answer p', { hasText: /^Prediction: \d$/ }).waitFor();
        assert.equal(await seriousViolations(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scroll');
      },
    );
  }
});

test.run();

function header(magic: number, sizes: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * sizes.length);
  bytes.writeUInt32BE(magic, 0);
  for (const [i, size] of sizes.entries()) bytes.writeUInt32BE(size, 4 + 4 * i);
  return bytes;
}
