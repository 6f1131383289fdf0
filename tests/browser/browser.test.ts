// The built package in a real browser: a page imports `wgrad` as native ES modules and trains on WebGPU. What it
// computes is held against the float64 reference and against the same program in Node. `WGRAD_SCREENSHOT` names a PNG
// file to keep what the page shows.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MemoryReport } from '../../engine/device.ts';
import { insecureHost, launchChromium } from './chromium.ts';
import { serveFolder } from './serveFolder.ts';

interface Comparison {
  readonly actual: readonly number[];
  readonly expected: readonly number[];
}

type Convolution = Readonly<Record<'y' | 'dx' | 'dweight' | 'dbias', Comparison>>;

interface Step {
  readonly loss: number;
  readonly memory: MemoryReport;
}

interface Outcome {
  readonly adapterName: string;
  readonly convolution: Convolution;
  readonly steps: readonly Step[];
  readonly ownDevice: { readonly isSame: boolean; readonly convolution: Convolution };
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string };
}

const root = join(import.meta.dirname, '..', '..');
const pagePath = '/tests/browser/page.html';
const limitSeconds = 100;
const dist = join(root, 'dist', 'engine', 'index.js');
if (!existsSync(dist)) throw new Error(`browser: ${dist} is missing; npm run build makes it`);
const server = await serveFolder(root);
const browser = await launchChromium();
const { outcome, complaints } = await open(`http://127.0.0.1:${server.port}${pagePath}`);
const test = suite('browser');

test.after(async () => {
  await browser.close();
  server.close();
});

test('the page trains on a WebGPU adapter without a complaint', () => {
  assert.is(outcome.error?.stack, undefined);
  assert.ok(outcome.adapterName.length > 0);
  assert.equal(complaints, []);
});

test('convolution and its gradients equal the float64 reference', () => {
  assertConvolution(outcome.convolution);
});

test('LeNet-5 learns: the loss falls at each of ten steps, and by a quarter in all', () => {
  const losses = outcome.steps.map(({ loss }) => loss);
  assert.is(losses.length, 10);
  assert.ok(losses[0] > 2 && losses[0] < 2.7, `the first loss is ${losses[0]}, about ln 10 expected`);
  const isFalling = losses.every((loss, i) => i === 0 || loss < losses[i - 1]);
  assert.ok(isFalling && losses[9] < 0.75 * losses[0], `losses: ${losses.join(', ')}`);
});

test('memory is flat from the second step on', () => {
  const [, second, ...later] = outcome.steps.map(({ memory }) => memory);
  for (const memory of later) assert.equal(memory, second);
});

test('a device of the page itself is used as it is', () => {
  assert.ok(outcome.ownDevice.isSame);
  assertConvolution(outcome.ownDevice.convolution);
});

test('losses and convolutions equal those of Node to a thousandth', async () => {
  const { createDevice } = await load('wgrad/node');
  const { convolve, train } = await load('./program.js');
  const device = await createDevice({ seed: 0 });
  const convolution: Convolution = await convolve(device);
  for (const [name, { actual }] of Object.entries(outcome.convolution)) {
    assertClose(name, actual, convolution[name as keyof Convolution].actual, 1e-3);
  }
  const steps: Step[] = await train(device);
  for (const [i, { loss }] of outcome.steps.entries()) assertClose(`loss ${i}`, [loss], [steps[i].loss], 1e-3);
});

test('without navigator.gpu createDevice throws an AdapterError that says so', async () => {
  const { outcome } = await open(`http://${insecureHost}:${server.port}${pagePath}`);
  assert.is(outcome.error?.name, 'AdapterError');
  assert.match(outcome.error?.message ?? '', 'navigator.gpu');
});

test('the import map names what the package exports', () => {
  const [, text = ''] =
    /<script type="importmap">([\s\S]*?)<\/script>/.exec(readFileSync(join(root, pagePath), 'utf8')) ?? [];
  const { imports } = JSON.parse(text) as { imports: Record<string, string> };
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [name, target] of Object.entries(imports)) {
    assert.is(target.replace('../../', './'), exports[name.replace('wgrad', '.')].default, name);
  }
});
test.run();

/** Opens the page in a fresh context and waits for its outcome. */
async function open(url: string): Promise<{ outcome: Outcome; complaints: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()} ${message.location().url}`);
  });
  await page.goto(url);
  try {
    await page.waitForFunction("'outcome' in window", null, { timeout: limitSeconds * 1000 });
  } catch {
    throw new Error(`browser: the page has no outcome after ${limitSeconds} s\n${complaints.join('\n')}`);
  }
  const outcome = (await page.evaluate('window.outcome')) as Outcome;
  const { WGRAD_SCREENSHOT } = process.env;
  if (WGRAD_SCREENSHOT && !outcome.error) await page.screenshot({ path: WGRAD_SCREENSHOT });
  return { outcome, complaints };
}

/** The package by its own name, and JavaScript: neither has types before the build. */
function load(specifier: string) {
  return import(specifier);
}

function assertConvolution(convolution: Convolution): void {
  assert.equal(Object.keys(convolution), ['y', 'dx', 'dweight', 'dbias']);
  for (const [name, { actual, expected }] of Object.entries(convolution)) assertClose(name, actual, expected, 1e-4);
}

/** Relative to the largest expected value. */
function assertClose(name: string, actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.is(actual.length, expected.length, `${name}: length`);
  const scale = Math.max(...expected.map(Math.abs));
  for (const [i, value] of actual.entries()) {
    const isClose = Math.abs(value - expected[i]) <= tolerance * scale;
    assert.ok(isClose, `${name}[${i}] is ${value}, expected ${expected[i]} (tolerance ${tolerance} of ${scale})`);
  }
}
