// The chapter's exercises as programs: those that take seconds. The others are in exercises.slow.test.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../datasets/node/index.ts';
import { temporaryFolders } from '../datasets/temporaryFolders.ts';
import { runExample } from './runExample.ts';

const { make, removeAll } = temporaryFolders();
test.after(removeAll);

const explored = 'exercise 1: what is here is drawn, and of the other sets it says what to place';
if (process.env.WGRAD_DATA) {
  test(explored, async () => {
    const out = make();
    const { code, stdout, stderr } = await runExample('exercise1-explore', ['--quick', '--out', out]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /# mnist\n10000 test images of \[1, 28, 28\] in 10 classes\nthe first are 7, 2, 1, 0, 4,/);
    assert.match(stdout, 'the first are cat, ship, ship, airplane, frog, frog, automobile, frog');
    assert.match(stdout, 'the first are mountain, forest, seal, mushroom, sea, tulip, camel, butterfly');
    assert.match(stdout, /# emnist\n[^#]*Put gzip\.zip \(its MD5 is 58c8d27c78d21e728a6bc7b3cc06412e/);
    assert.match(stdout, /# celeba\n[^#]*list_eval_partition\.txt/);
    assert.match(stdout, '1 images of 3 categories; in image 0: a, b');
    assert.match(stdout, /\nnot here: emnist, celeba\n$/);
    for (const name of ['mnist', 'fashion-mnist', 'cifar-10', 'cifar-100', 'coco', 'cityscapes']) {
      const { data } = await decodeImage(readFileSync(join(out, `exercise1-${name}.png`)));
      assert.ok(new Set(data).size > 4, `${name} has something on it`);
    }
  });
} else test.skip(`${explored} (WGRAD_DATA is unset)`, () => {});

test('exercise 2: what is calculated from the sizes is what the models have', async () => {
  const { code, stdout, stderr } = await runExample('exercise2-parameters');
  assert.is(code, 0, stderr);
  const of = (title: string) => stdout.split(`# ${title}\n`)[1]?.split('\n\n')[0]?.trim() ?? '';
  for (const [title, parameters] of [
    ['AlexNet', '61,100,840'],
    ['VGG16', '138,357,544'],
    ['GoogLeNet', '6,624,904'],
    ['GoogLeNet with its auxiliary heads', '13,004,888'],
    ['ResNet50', '25,557,032'],
  ]) {
    assert.match(of(title), new RegExp(`\ncalculated +${parameters}\ncounted +${parameters}$`), title);
  }
  assert.match(of('AlexNet'), /^features +2,469,696\nclassifier +58,631,144\n/);
});

test('exercise 6: parameters, multiply-accumulates and published accuracies side by side', async () => {
  const { code, stdout, stderr } = await runExample('exercise6-compare');
  assert.is(code, 0, stderr);
  const rows = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  for (const row of [
    'alexnet 61,100,840 233.1 MiB 0.714 4.2 MiB 8 56.5',
    'vgg16 138,357,544 527.8 MiB 15.470 109.5 MiB 16 71.6',
    'nin 7,439,608 28.4 MiB 0.966 12.6 MiB 12 -',
    'googlenet 6,624,904 25.3 MiB 1.498 47.0 MiB 58 69.8',
    'resnet50 25,557,032 97.5 MiB 4.089 143.3 MiB 54 76.1',
  ]) {
    assert.ok(rows.includes(row), `${row} in\n${stdout}`);
  }
});

test('without its weights an exercise names the file, before anything is trained', async () => {
  const [empty, home] = [make(), make()];
  for (const [program, file] of [
    ['exercise3-finetune', 'vgg13-19584684.pth'],
    ['exercise5-googlenet-branch', 'googlenet-1378be20.pth'],
  ]) {
    const { code, stdout, stderr } = await runExample(program, ['--data', empty], { env: { WGRAD_HOME: home } });
    assert.is(code, 1, program);
    assert.is(stdout, '', program);
    assert.match(stderr, `Put ${file}`);
  }
});

test.run();
