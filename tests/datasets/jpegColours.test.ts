// The colour spaces of JPEG files, told by JFIF and Adobe markers and by the names of components: as Pillow, or refused.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../datasets/node/index.ts';
import { FormatError } from '../../kernels/errors.ts';

interface Truth {
  readonly mode: 'RGB' | 'CMYK';
  readonly width: number;
  readonly height: number;
  readonly rgb: readonly number[];
}

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const truths: Record<string, Truth> = JSON.parse(readFileSync(join(fixtures, 'jpegColours.json'), 'utf8'));
const bytesOf = (name: string): Uint8Array => readFileSync(join(fixtures, 'jpegColours', name));
const test = suite('colours of JPEG');

test('RGB and YCbCr are told apart as by Pillow', async () => {
  const names = Object.keys(truths).filter((name) => truths[name]!.mode === 'RGB');
  assert.is(names.length, 8);
  for (const name of names) {
    const { width, height, rgb } = truths[name]!;
    const image = await decodeImage(bytesOf(name), { name });
    assert.equal([image.width, image.height, image.channels], [width, height, 3], name);
    assert.equal([...image.data], rgb, name);
  }
  assert.not.equal(truths['adobe-rgb.jpg']!.rgb, truths['adobe-ycc.jpg']!.rgb); // or nothing was told apart
});

test('printing inks are refused by name, and the message says what would be right', async () => {
  const inks = { 'adobe-cmyk.jpg': 'CMYK', 'adobe-ycck.jpg': 'YCCK', 'unmarked-cmyk.jpg': 'CMYK' };
  assert.equal(
    Object.keys(inks).sort(),
    Object.keys(truths)
      .filter((name) => truths[name]!.mode === 'CMYK')
      .sort(),
  );
  for (const [name, kind] of Object.entries(inks)) {
    const error: Error = await decodeImage(bytesOf(name), { name }).then(
      () => assert.unreachable(name),
      (thrown) => thrown,
    );
    assert.instance(error, FormatError);
    assert.ok(error.message.startsWith(`${name}: found a JPEG of printing inks (${kind}, 4 components), expected`));
    assert.match(error.message, "convert('RGB')");
  }
});

test('other numbers of components are refused', async () => {
  const bytes = bytesOf('unmarked.jpg').slice();
  const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
  for (const count of [0, 2, 5, 255]) {
    bytes[frame + 9] = count;
    const error: Error = await decodeImage(bytes, { name: 'x.jpg' }).then(
      () => assert.unreachable(String(count)),
      (thrown) => thrown,
    );
    assert.instance(error, FormatError);
    assert.match(error.message, `x.jpg: found a JPEG of ${count} components, expected 1 (grey) or 3`);
  }
});

test.run();
