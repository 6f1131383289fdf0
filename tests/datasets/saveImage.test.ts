// Pictures written as PNG and read again.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gridImage, type Image, makeGrid } from '../../datasets/index.ts';
import { decodeImage } from '../../datasets/node/decodeImage.ts';
import { encodePng } from '../../datasets/node/encodePng.ts';
import { saveImage } from '../../datasets/node/saveImage.ts';
import { ShapeError } from '../../kernels/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
const test = suite('saveImage');
test.after(() => rmSync(folder, { recursive: true }));

for (const channels of [1, 3] as const) {
  test(`a picture of ${channels} channels comes back as it was`, async () => {
    const data = Uint8Array.from({ length: 7 * 5 * channels }, (_, i) => (i * 37) % 256);
    const image: Image = { width: 7, height: 5, channels, data };
    assert.equal(plain(await decodeImage(encodePng(image))), plain(image));
    const path = join(folder, `${channels}.png`);
    saveImage(path, image);
    assert.equal(plain(await decodeImage(readFileSync(path))), plain(image));
  });
}

test('a batch is saved as its grid, with the options of makeGrid', async () => {
  const batch = { data: Float32Array.from({ length: 12 }, (_, i) => i), shape: [3, 1, 2, 2] };
  const options = { nrow: 2, padding: 1, normalize: true };
  const path = join(folder, 'grid.png');
  saveImage(path, batch, options);
  const expected = gridImage(makeGrid(batch, options));
  assert.equal(plain(await decodeImage(readFileSync(path))), plain(expected));
});

test('what is no picture is refused, and no file is left', () => {
  const before = readdirSync(folder);
  const refuse = (image: unknown) =>
    assert.throws(
      () => saveImage(join(folder, 'no.png'), image as Image),
      (error: Error) => error instanceof ShapeError,
    );
  refuse({ width: 2, height: 2, channels: 3, data: new Uint8Array(4) });
  refuse({ width: 1, height: 1, channels: 4, data: new Uint8Array(4) });
  refuse({ data: new Float32Array(2), shape: [1, 2, 1, 1] });
  assert.throws(
    () => saveImage(folder, { width: 1, height: 1, channels: 1, data: new Uint8Array(1) }),
    /EISDIR|ENOTEMPTY|EEXIST/,
  );
  assert.equal(readdirSync(folder), before);
});

test.run();

function plain({ width, height, channels, data }: Image): unknown {
  return { width, height, channels, data: [...data] };
}
