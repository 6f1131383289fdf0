// Photographs prepared on the GPU against the exact path on the CPU.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import { IMAGENET_PREPROCESSING } from '../../datasets/index.ts';
import { loadImage } from '../../datasets/node/index.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { assertPreprocessed } from './assertPreprocessed.ts';

const device = await createDevice();
const test = suite('preprocessImage: photographs');

const data = process.env.WGRAD_DATA ?? '';
const photographs = join(data, 'imagenet-samples');
const where = data && existsSync(photographs) ? test : test.skip;
where('photographs become what preprocess makes of them', async () => {
  const names = readdirSync(photographs).filter((name) => name.endsWith('.JPEG'));
  const paths = [join(data, 'photos', 'dog.jpg'), ...names.slice(0, 8).map((name) => join(photographs, name))];
  for (const path of paths) await assertPreprocessed(device, await loadImage(path), IMAGENET_PREPROCESSING, path);
});

test.run();
