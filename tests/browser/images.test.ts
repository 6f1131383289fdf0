// Pictures decoded by the built package in a real browser: JPEG by mozjpeg as in Node, all else by the browser itself.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DecodeOptions, Image } from '../../datasets/index.ts';
import { decodeImage as decodeInNode } from '../../datasets/node/index.ts';
import { assertImage, imageBytes, imageFixtures } from '../datasets/imageFixtures.ts';
import { launchChromium } from './chromium.ts';
import { serveFolder } from './serveFolder.ts';

interface Outcome {
  readonly image?: Omit<Image, 'data'> & { readonly data: readonly number[] };
  readonly error?: { readonly name: string; readonly message: string };
}

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist', 'datasets', 'index.js');
if (!existsSync(dist)) throw new Error(`browser: ${dist} is missing; npm run build makes it`);
const server = await serveFolder(root);
const browser = await launchChromium();
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.port}/tests/browser/images.html`);
await page.waitForFunction("'decode' in window");
const test = suite('images in the browser');

test.after(async () => {
  await browser.close();
  server.close();
});

test('JPEG decodes as Pillow does', async () => {
  for (const [name, expected] of Object.entries(imageFixtures.jpeg)) assertImage(await decode(name), expected, name);
});

test('PNG decodes as PIL does where it is opaque', async () => {
  // 16 bits are rounded by the browser where PIL cuts
  const names = Object.keys(imageFixtures.png).filter((name) => !/Alpha|16/.test(name));
  assert.ok(names.length > 20);
  for (const name of names) assertImage(await decode(name), imageFixtures.png[name]!, name);
});

test('PNG of 16 bits is at most one level off', async () => {
  for (const name of ['rgb16.png', 'grey16-interlaced.png']) {
    const { data: expected, ...size } = await decodeInNode(imageBytes(name));
    const { data, ...actualSize } = await decode(name);
    assert.equal(actualSize, size, name);
    for (const [i, value] of data.entries()) assert.ok(Math.abs(value - expected[i]!) <= 1, `${name}: value ${i}`);
  }
});

test('pictures are turned upright, unless told otherwise', async () => {
  for (const [name, { stored, upright }] of Object.entries(imageFixtures.oriented)) {
    assertImage(await decode(name), upright, name);
    assertImage(await decode(name, { orient: false }), stored, `${name} as stored`);
  }
});

test('other formats and CMYK are left to the browser', async () => {
  assertImage(await decode('lossless.webp'), imageFixtures.webp, 'lossless.webp');
  const { width, height, channels } = await decode('cmyk.jpg');
  assert.equal([width, height, channels], [9, 8, 3]);
});

test('colour spaces of JPEG are those of Pillow, printing inks too', async () => {
  const fixtures = join(root, 'tests', 'fixtures');
  const truths: Record<string, { mode: string; rgb: number[] }> = JSON.parse(
    readFileSync(join(fixtures, 'jpegColours.json'), 'utf8'),
  );
  for (const [name, { mode, rgb }] of Object.entries(truths)) {
    const { image, error } = await outcomeOf(readFileSync(join(fixtures, 'jpegColours', name)), { name });
    assert.ok(image, error?.message);
    const furthest = rgb.reduce((most, value, i) => Math.max(most, Math.abs(value - image.data[i]!)), 0);
    assert.ok(furthest <= (mode === 'CMYK' ? 1 : 0), `${name}: ${furthest} levels off`);
  }
});

test('what nobody can decode is a FormatError with the name', async () => {
  for (const name of ['420.jpg', 'rgb8.png', 'lossless.webp']) {
    const { error } = await outcomeOf(imageBytes(name).subarray(0, 30), { name });
    assert.is(error?.name, 'FormatError', name);
    assert.match(error?.message ?? '', name);
  }
});
test.run();

async function decode(name: string, options: DecodeOptions = {}): Promise<Image> {
  const { image, error } = await outcomeOf(imageBytes(name), { name, ...options });
  if (!image) throw new Error(error?.message);
  return { ...image, data: Uint8Array.from(image.data) };
}

function outcomeOf(bytes: Uint8Array, options: DecodeOptions): Promise<Outcome> {
  return page.evaluate(`decode(${JSON.stringify([...bytes])}, ${JSON.stringify(options)})`);
}
