// The applications of examples/embed, built from the packed package and run: what they show is held against the engine
// called directly. `WGRAD_SCREENSHOTS` names a folder for pictures of the pages.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DataLoader, type Dataset, glyphs } from '../../datasets/index.ts';
import { encodePng } from '../../datasets/node/encodePng.ts';
import { crossEntropy } from '../../engine/functional/loss.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { Adam } from '../../engine/optim/adam.ts';
import { writeSafetensors } from '../../engine/serialization/safetensors.ts';
import { LeNet5 } from '../../models/lenet.ts';
import { launchChromium } from '../browser/chromium.ts';
import { serveFolder } from '../browser/serveFolder.ts';
import { packedPackage, repository } from './packedPackage.ts';

const run = promisify(execFile);
const packed = await packedPackage();
const { probabilities, weights } = await trained();
const digits = glyphs({ train: false, count: 30 });
const browser = await launchChromium({ showsCanvases: true });
const test = suite('embed');

test.after(async () => {
  await browser.close();
  packed.remove();
});

test("vite: the page's answer to an example is the model's", async () => {
  const app = put('vite');
  writeFileSync(join(app, 'lenet5.safetensors'), weights);
  await run(process.execPath, [join(packed.folder, 'node_modules', 'vite', 'bin', 'vite.js'), 'build'], { cwd: app });
  await withPage('vite', join(app, 'dist'), async (page) => {
    await page.getByText('Ready.').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Example' }).click();
    await page.getByText(/^\d+ ms$/).waitFor({ timeout: 60_000 });
    const expected = await probabilities(digits, 1);
    const shown = await page.locator('dd:not(.bar)').allTextContents();
    for (const [digit, text] of shown.entries()) near(Number.parseFloat(text) / 100, expected[digit], 2e-3);
    assert.is(await page.locator('#answer').textContent(), String(largest(expected)));
    await keep(page, 'vite');
  });
});

test('esbuild: a kernel from outside the package has a right gradient and trains', async () => {
  const app = put('esbuild');
  await run(process.execPath, ['build.js'], { cwd: app });
  await withPage('esbuild', join(app, 'dist'), async (page) => {
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('60');
    await page.getByRole('button', { name: 'Train' }).click();
    const status = page.getByText(/% of 200 test digits are right/);
    await status.waitFor({ timeout: 240_000 });
    assert.is(await page.locator('#check').textContent(), 'The gradient of mish agrees with central differences.');
    const points = (await page.locator('#curve').getAttribute('points'))!.split(' ');
    assert.is(points.length, 60);
    const heights = points.map((point) => Number(point.split(',')[1]));
    assert.ok(mean(heights.slice(-10)) > 2 * mean(heights.slice(0, 5)), 'the loss falls, so the curve sinks');
    const accuracy = Number.parseFloat((await status.textContent())!);
    assert.ok(accuracy > 50, `${accuracy} %`);
    await keep(page, 'esbuild');
  });
});

test('import-map: thirty digits are read by a page without a bundler as by Node', async () => {
  const app = put('import-map');
  writeFileSync(join(app, 'lenet5.safetensors'), weights);
  symlinkSync(join(packed.folder, 'node_modules'), join(app, 'node_modules'));
  await withPage('import-map', app, async (page) => {
    await page.getByText(/of 30 are right/).waitFor({ timeout: 60_000 });
    const shown = await page.locator('#digits span').allTextContents();
    const expected = await probabilities(digits, 30);
    const found = digits.labels.slice(0, 30);
    const texts = Array.from(found, (label, i) => {
      const digit = largest(expected.subarray(10 * i, 10 * (i + 1)));
      return digit === label ? `${digit}` : `${digit}, not ${label}`;
    });
    assert.equal(shown, texts);
    await keep(page, 'import-map');
  });
});

test('shared-device: the tiles are the picture and its convolution, pixel by pixel', async () => {
  const app = put('shared-device');
  await run(process.execPath, ['build.js'], { cwd: app });
  const { picture, SIDE, weights: filters } = await import(join(app, 'scene.js'));
  await withPage('shared-device', join(app, 'dist'), async (page) => {
    const status = page.locator('#status');
    await page.getByText(/kB of tensors on the GPU/).waitFor({ timeout: 60_000 });
    const memory = (await status.textContent())!.split(', ')[1];
    await page.getByLabel('Stand still').check();
    await page.getByText(/^1\.0 s/).waitFor();
    await page.waitForTimeout(300); // until the frame is on the screen
    assert.is((await status.textContent())!.split(', ')[1], memory, 'memory is flat');
    const shot = PNG.sync.read(await page.locator('canvas').screenshot());
    const image: Float32Array = picture(1);
    for (let tile = 0; tile < 9; tile++) {
      for (let y = 1; y < SIDE - 1; y += 3) {
        for (let x = 1; x < SIDE - 1; x += 3) {
          const at = (Math.floor(tile / 3) * SIDE + y) * 2 * shot.width + ((tile % 3) * SIDE + x) * 2;
          const expected = tile === 0 ? grey(image[y * SIDE + x]) : tinted(response(tile - 1, y, x));
          const shown = [...shot.data.subarray(4 * at, 4 * at + 3)];
          const isNear = shown.every((level, channel) => Math.abs(level - expected[channel]) <= 2);
          assert.ok(isNear, `tile ${tile} at ${y}, ${x}: ${shown}, expected ${expected}`);
        }
      }
    }
    await keep(page, 'shared-device');

    /** The ReLU of filter `f` at a place inside the picture. */
    function response(f: number, y: number, x: number): number {
      let sum = 0;
      for (let tap = 0; tap < 9; tap++) {
        sum += filters[9 * f + tap] * image[(y + Math.floor(tap / 3) - 1) * SIDE + x + (tap % 3) - 1];
      }
      return Math.max(0, sum);
    }
  });
});

test('node-service: pictures are classified, and what is wrong is said', async () => {
  const app = put('node-service');
  writeFileSync(join(app, 'lenet5.safetensors'), weights);
  const service = spawn(process.execPath, ['server.js', 'lenet5.safetensors', '0'], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await firstUrl(service);
    const picture = encodePng({ width: 28, height: 28, channels: 1, data: digits.images.subarray(0, 784) });
    const [first, second] = await Promise.all([post(url, picture), post(url, picture)]);
    assert.is(first.status, 200);
    const expected = await probabilities(digits, 1);
    assert.is(first.body.classes.length, 5);
    assert.is(first.body.classes[0].class, String(largest(expected)));
    for (const { class: name, probability } of first.body.classes) near(probability, expected[Number(name)], 1e-4);
    assert.equal(second.body, first.body);

    const text = await post(url, new TextEncoder().encode('no picture'));
    assert.is(text.status, 415);
    assert.match(text.body.error, /found .* expected a JPEG or PNG file/);
    const cut = await post(url, picture.subarray(0, 60));
    assert.is(cut.status, 415);
    const wide = picture.slice();
    new DataView(wide.buffer, wide.byteOffset).setUint32(16, 20_000); // its header says 20,000 pixels wide and high
    new DataView(wide.buffer, wide.byteOffset).setUint32(20, 20_000);
    assert.is((await post(url, wide)).status, 415);
    assert.is((await post(url, new Uint8Array(9 * 2 ** 20))).status, 413);
    assert.is((await post(url, new Uint8Array(9 * 2 ** 20), { 'transfer-encoding': 'chunked' })).status, 413);
    assert.is((await fetch(url)).status, 405);
    assert.is((await fetch(new URL('/other', url))).status, 404);
    assert.is((await post(url, picture)).status, 200, 'it goes on');

    const crowd = await Promise.all(Array.from({ length: 40 }, () => post(url, picture)));
    const statuses = new Set(crowd.map(({ status }) => status));
    assert.ok(statuses.has(200), [...statuses].join());
    assert.equal(
      [...statuses].filter((status) => status !== 200 && status !== 503),
      [],
    );

    const end = once(service, 'exit');
    service.kill('SIGTERM');
    assert.equal(await end, [0, null]);
  } finally {
    service.kill('SIGKILL');
  }
});

test.run();

/** A copy of an application beside the unpacked package. */
function put(name: string): string {
  const app = join(packed.folder, name);
  cpSync(join(repository, 'examples', 'embed', name), app, { recursive: true });
  return app;
}

/** Opens the application's page; what it complains about fails the test. */
async function withPage(name: string, folder: string, use: (page: Page) => Promise<void>): Promise<void> {
  const server = await serveFolder(folder);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  try {
    await page.goto(`http://127.0.0.1:${server.port}/index.html`);
    await use(page);
    assert.equal(complaints, []);
  } catch (error) {
    const shown = await page.locator('body').textContent();
    throw new Error(`${name}: ${(error as Error).message}\n${complaints.join('\n')}\nthe page: ${shown}`, {
      cause: error,
    });
  } finally {
    await page.close();
    server.close();
  }
}

async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env.WGRAD_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: join(folder, `${name}-phone.png`) });
}

/** LeNet-5 after a little training: its weights as a file, and what it says of the first images of a data set. */
async function trained() {
  const device = await createDevice();
  const model = new LeNet5().to(device, { seed: 0 });
  const optimizer = new Adam(model.parameters(), { lr: 2e-3 });
  for await (const { x, shape, labels } of new DataLoader(glyphs({ count: 6400 }), { batchSize: 64, shuffle: true })) {
    using _ = device.scope();
    const loss = crossEntropy(model.call(device.tensor(x, shape)), device.tensor(labels));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    await device.idle();
  }
  model.eval();
  return {
    weights: writeSafetensors(await model.stateDict()),
    /** [count, 10] */
    async probabilities({ images, mean, std }: Dataset, count: number): Promise<Float32Array> {
      using _ = device.scope();
      const x = Float32Array.from(images.subarray(0, 784 * count), (level) => (level / 255 - mean[0]) / std[0]);
      const y = device.noGrad(() => model.call(device.tensor(x, [count, 1, 28, 28])).softmax(1));
      return (await y.data()) as Float32Array;
    },
  };
}

async function firstUrl(service: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: service.stdout! })) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url) return url;
  }
  throw new Error('the service ended before it listened');
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a service says is looked at, not typed
  readonly body: any;
}

/** Without fetch, which reports a body that was refused halfway as a broken connection. */
function post(url: string, bytes: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const posting = request(url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
      response.on('error', reject);
    });
    posting.on('error', (error) => posting.writableEnded || reject(error));
    posting.end(bytes);
  });
}

function grey(value: number): number[] {
  return Array.from({ length: 3 }, () => 255 * value);
}

/** The two colours of render.wgsl, mixed. */
function tinted(value: number): number[] {
  const [low, high] = [
    [0.05, 0.06, 0.12],
    [1, 0.85, 0.45],
  ];
  const share = Math.min(1, value);
  return low.map((from, i) => 255 * (from + (high[i] - from) * share));
}

function near(found: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, expected ${expected}`);
}

function largest(values: Float32Array): number {
  return values.indexOf(Math.max(...values));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
