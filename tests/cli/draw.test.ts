// `wgrad draw`, on the miniatures of COCO and Cityscapes.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runWgrad } from './runWgrad.ts';

const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
const test = suite('wgrad draw');
test.after(() => rmSync(folder, { recursive: true }));

const formats = process.env.WGRAD_DATA && join(process.env.WGRAD_DATA, 'formats');
const real = (name: string, run: (root: string) => Promise<void>) =>
  formats ? test(name, () => run(formats)) : test.skip(`${name} (WGRAD_DATA is not set)`, () => {});

real('COCO with instances and with keypoints', async (root) => {
  const boxes = await draw('coco', '--data', join(root, 'coco'));
  assert.equal([boxes.width, boxes.height], [5 * 64, 10 * 64]);
  const points = await draw('coco', '--data', join(root, 'coco'), '--annotations', 'person_keypoints', '--scale', '64');
  assert.equal([points.width, points.height], [boxes.width, boxes.height]);
  assert.not.ok(boxes.data.equals(points.data));
});

real('Cityscapes with a legend', async (root) => {
  const png = await draw('cityscapes', '--data', join(root, 'cityscapes'), '--split', 'train', '--labels', 'instance');
  assert.is(png.width, 640);
  assert.ok(png.height > 128);
});

real('what cannot be drawn is refused before a file is made', async (root) => {
  for (const [args, message] of [
    [['coco', '--data', folder], /found no images with annotations\/instances_<split>\.json/],
    [['coco', '--data', join(root, 'coco'), '--index', '1'], /--index is at most 0, given 1: there are 1 samples/],
    [['coco', '--data', join(root, 'coco'), '--split', 'val2017'], /split val2017/],
    [['coco', '--data', join(root, 'coco'), '--scale', '0'], /An integer of at least 1 is expected/],
    [['coco', '--data', join(root, 'coco'), '--annotations', 'panoptic'], /Allowed choices are/],
    [['cityscapes', '--data', folder], /cityscapes: found no images/],
  ] as const) {
    const out = join(folder, 'refused.png');
    const { code, stderr } = await runWgrad(['draw', ...args, '--out', out], { cwd: folder });
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.not(existsSync(out));
  }
});

test.run();

async function draw(...args: string[]): Promise<PNG> {
  const out = join(folder, 'new', `${args.join('-').replace(/\W/g, '')}.png`);
  const { code, stderr, stdout } = await runWgrad(['draw', ...args, '--out', out], { cwd: folder });
  assert.is(code, 0, stderr);
  assert.is(stdout, `${out}\n`);
  return PNG.sync.read(readFileSync(out));
}
