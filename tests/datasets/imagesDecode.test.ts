import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage as decodeWithBrowser } from '../../datasets/index.ts';
import { decodeImage, loadImage } from '../../datasets/node/index.ts';
import { FormatError, WgradError } from '../../kernels/errors.ts';
import { assertImage, imageBytes, imageFixtures, imagePath } from './imageFixtures.ts';

for (const [name, expected] of Object.entries(imageFixtures.png)) {
  test(`${name} decodes as PIL's convert does`, async () => {
    assertImage(await decodeImage(imageBytes(name)), expected, name);
  });
}

for (const [name, expected] of Object.entries(imageFixtures.jpeg)) {
  test(`${name} decodes as Pillow does`, async () => {
    assertImage(await decodeImage(imageBytes(name)), expected, name);
  });
}

for (const [name, { stored, upright }] of Object.entries(imageFixtures.oriented)) {
  test(`${name} is turned upright as exif_transpose does, unless told otherwise`, async () => {
    assertImage(await decodeImage(imageBytes(name)), upright, name);
    assertImage(await decodeImage(imageBytes(name), { orient: false }), stored, `${name} as stored`);
  });
}

test('channels makes grey RGB and RGB grey', async () => {
  const grey = await decodeImage(imageBytes('grey.jpg'));
  const rgb = await decodeImage(imageBytes('grey.jpg'), { channels: 3 });
  assert.is(rgb.channels, 3);
  for (const [i, value] of grey.data.entries())
    assert.equal([...rgb.data.subarray(3 * i, 3 * i + 3)], Array(3).fill(value));
  const colour = await decodeImage(imageBytes('444.jpg'));
  const luma = await decodeImage(imageBytes('444.jpg'), { channels: 1 });
  const [r, g, b] = colour.data;
  assert.is(luma.data[0], (r! * 19595 + g! * 38470 + b! * 7471 + 0x8000) >> 16);
});

test('decoding at the same time does not mix images up', async () => {
  const names = Object.keys(imageFixtures.jpeg);
  const images = await Promise.all(names.map((name) => loadImage(imagePath(name))));
  for (const [i, name] of names.entries()) assertImage(images[i]!, imageFixtures.jpeg[name]!, name);
});

test('a file cut anywhere is refused by name, and the next one decodes', async () => {
  for (const name of ['420.jpg', 'progressive.jpg', 'rgb8.png', 'palette4-interlaced.png']) {
    const bytes = imageBytes(name);
    for (let length = 0; length < bytes.length; length += name.endsWith('.png') ? 10 : 37) {
      const error = await refusal(bytes.subarray(0, length), name);
      assert.match(error.message, name);
      assert.match(error.message, `at byte ${length < 8 && name.endsWith('.png') ? 0 : ''}`, `${length} bytes`);
    }
    const expected = imageFixtures.png[name] ?? imageFixtures.jpeg[name]!;
    assertImage(await decodeImage(bytes), expected, name);
  }
});

test('damaged data is refused with the words of the decoder', async () => {
  const jpeg = imageBytes('420.jpg');
  const scan = jpeg.lastIndexOf(0xda);
  assert.match(
    (await refusal(changed(jpeg, scan + 40, 0xff, 0xd0, 0xff, 0xd1), 'x.jpg')).message,
    'x.jpg: the JPEG is damaged: Corrupt JPEG data',
  );
  const png = imageBytes('rgb8.png');
  assert.match(
    (await refusal(changed(png, png.length - 40, 0x12), 'x.png')).message,
    'x.png: the PNG cannot be decoded: ',
  );
});

test('files of other formats, and headers that make no sense, are refused', async () => {
  const jpeg = imageBytes('444.jpg');
  const png = imageBytes('rgb8.png');
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
  const cases: [bytes: Uint8Array, message: string | RegExp][] = [
    [new Uint8Array(), 'at byte 0: found an empty file, expected a JPEG or PNG file'],
    [new TextEncoder().encode('GIF89a..'), 'found 47 49 46 38 39 61 2e 2e, expected a JPEG or PNG file'],
    [imageBytes('cmyk.jpg'), 'found a JPEG of printing inks (CMYK, 4 components), expected 1 (grey) or 3'],
    [changed(jpeg, frame + 5, 0, 0), `at byte ${frame + 5}: found an image of 53x0 pixels`],
    [changed(jpeg, frame + 5, 0x20, 0, 0x20, 0), 'expected the data of 8192x8192 pixels: truncated'],
    [changed(jpeg, frame + 2, 0, 1), 'a JPEG segment of 1 bytes'],
    [changed(png, 16, 0x7f, 0xff, 0xff, 0xff), 'enough for 2147483647x11 pixels of 24 bits'],
    [changed(png, 16, 0, 0, 0, 0), 'at byte 16: found an image of 0x11 pixels'],
    [changed(png, 24, 4), 'at byte 24: found 4 bits in colour type 2, expected 8, 16'],
    [changed(png, 25, 5), 'at byte 25: found colour type 5, expected 0, 2, 3, 4, 6'],
    [changed(png, 28, 2), 'at byte 28: found interlace method 2'],
    [changed(png, 12, 0x49, 0x44, 0x41, 0x54), 'found a PNG chunk IDAT of 13 bytes, expected IHDR of 13 first'],
    [changed(png, 37, 0x58), 'at byte 33: found a PNG chunk XDAT'],
    [changed(png, 33, 0x7f), 'a PNG chunk IDAT of 21'],
  ];
  for (const [bytes, message] of cases) {
    const error = await refusal(bytes, 'picture');
    assert.ok(error.message.startsWith('picture'), error.message);
    assert.match(error.message, message);
  }
});

test('maxPixels is held against the header', async () => {
  const bytes = imageBytes('rgb8.png');
  assert.is((await decodeImage(bytes, { maxPixels: 13 * 11 })).width, 13);
  assert.match(
    (await refusal(bytes, 'x', { maxPixels: 13 * 11 - 1 })).message,
    'found 13x11 pixels, expected at most 142',
  );
});

test('image data that inflates to less than the header says is refused', async () => {
  const rows = new Uint8Array([0, 1, 2, 0, 3, 4]);
  const whole = deflateSync(rows);
  assert.equal([...(await decodeImage(pngOf([2, 2, 8, 0, 0], whole))).data], [1, 2, 3, 4]);
  for (const content of [whole.subarray(0, -1), whole.subarray(0, 5), deflateSync(rows.subarray(0, 5))]) {
    assert.match((await refusal(pngOf([2, 2, 8, 0, 0], content), 'x.png')).message, 'x.png: the PNG cannot be decoded');
  }
});

test('image data that inflates beyond the header is not inflated', async () => {
  for (const interlaced of [0, 1]) {
    const bomb = deflateSync(new Uint8Array(2 ** 24));
    const bytes = pngOf([2, 2, 8, 0, interlaced], bomb);
    const before = process.memoryUsage().arrayBuffers;
    assert.match((await refusal(bytes, 'bomb')).message, 'bomb: the PNG cannot be decoded');
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20);
  }
});

test('a second PNG header, which decoders would allocate for, is refused', async () => {
  const content = deflateSync(new Uint8Array([0, 1]));
  const [small, large] = [pngOf([1, 1, 8, 0, 0], content), pngOf([20_000, 20_000, 8, 0, 0], content)];
  const bytes = Buffer.concat([small.subarray(0, 33), large.subarray(8, 33), small.subarray(33)]);
  assert.match((await refusal(bytes, 'x.png')).message, 'x.png: at byte 33: found a second IHDR, expected one');
});

test('a JPEG of more scans than encoders write is refused undecoded', async () => {
  const bytes = imageBytes('444.jpg');
  const scan = Uint8Array.of(0xff, 0xda, 0, 2);
  const scans = Array.from({ length: 100 }, () => scan);
  const many = Buffer.concat([bytes.subarray(0, -2), ...scans, bytes.subarray(-2)]);
  assert.match((await refusal(many, 'x.jpg')).message, 'found scan 101, expected at most 100');
});

test('the decodeImage of browsers says in Node where the other one is', async () => {
  for (const name of ['444.jpg', 'rgb8.png']) {
    const error = await decodeWithBrowser(imageBytes(name)).catch((thrown: Error) => thrown);
    assert.instance(error, WgradError);
    assert.not.instance(error, FormatError);
    assert.match((error as Error).message, "in Node import decodeImage from 'wgrad/datasets/node'");
  }
});

const data = process.env.WGRAD_DATA ?? '';
for (const [name, { decoded }] of Object.entries(imageFixtures.photographs)) {
  const where = existsSync(join(data, name)) && data ? test : test.skip;
  where(`the photograph ${name} decodes as Pillow does`, async () => {
    assertImage(await loadImage(join(data, name)), decoded, name);
  });
}

test.run();

async function refusal(bytes: Uint8Array, name: string, options = {}): Promise<FormatError> {
  const error = await decodeImage(bytes, { name, ...options }).then(
    () => assert.unreachable(`${name} of ${bytes.length} bytes was decoded`),
    (thrown: Error) => thrown,
  );
  assert.instance(error, FormatError);
  return error as FormatError;
}

function changed(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

/** A PNG of [width, height, depth, colour type, interlace method]. */
function pngOf([width, height, depth, colour, interlace]: number[], content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width!, 0);
  header.writeUInt32BE(height!, 4);
  header.set([depth!, colour!, 0, 0, interlace!], 8);
  const signature = imageBytes('rgb8.png').subarray(0, 8);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', content), chunk('IEND', new Uint8Array())]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
