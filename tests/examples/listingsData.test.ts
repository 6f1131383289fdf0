// The chapter's listings that read data sets and photographs, run as programs on the real files in WGRAD_DATA.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../datasets/node/index.ts';
import { temporaryFolders } from '../datasets/temporaryFolders.ts';
import { runExample } from './runExample.ts';

const data = process.env.WGRAD_DATA;
const figures = fileURLToPath(new URL('../../docs/figures', import.meta.url));
const { make, removeAll } = temporaryFolders();
test.after(removeAll);
const out = make();

test('without its data a program says what to place where, and ends with code 1', async () => {
  const [empty, home] = [make(), make()];
  for (const [program, message] of [
    ['01-datasets-mnist', 'Put t10k-images-idx3-ubyte.gz (its MD5 is 9fb629c4189551a2d022fa330f9573f3'],
    ['05-datasets-imagenet', 'register at https://image-net.org/download-images'],
    ['06-datasets-coco', 'annotations_trainval2017.zip'],
    ['07-datasets-cityscapes', 'register at https://www.cityscapes-dataset.com/downloads/'],
    ['14-classify', 'Put alexnet-owt-7be5be79.pth (its SHA-256 begins with 7be5be79'],
    ['19-fine-tune', 'Put alexnet-owt-7be5be79.pth (its SHA-256 begins with 7be5be79'],
  ]) {
    const { code, stdout, stderr } = await runExample(program, ['--data', empty], { env: { WGRAD_HOME: home } });
    assert.is(code, 1, program);
    assert.is(stdout, '', program);
    assert.match(stderr, message);
    assert.not.match(stderr, '    at ', 'no stack');
  }
  const { code, stderr } = await runExample('06-datasets-coco', [], { env: { WGRAD_DATA: '' } });
  assert.is(code, 1);
  assert.match(stderr, 'this program needs COCO: say where with --data DIR or WGRAD_DATA');
});

dataTest("Fig. 9.1: 128 of MNIST's test images are the docs' picture of them", async () => {
  const stdout = await output('01-datasets-mnist');
  assert.match(stdout, '10000 images; a batch has the shape [128, 1, 28, 28]');
  assert.is(await difference('fig9.1-mnist.png'), 'none');
});

dataTest("Fig. 9.2: Fashion-MNIST's classes are the chapter's", async () => {
  assert.match(
    await output('02-datasets-fashion-mnist'),
    /^0: T-shirt\/top, 1: Trouser, 2: Pullover, 3: Dress, 4: Coat, 5: Sandal, 6: Shirt, 7: Sneaker, 8: Bag, 9: Ankle boot\n/,
  );
  assert.is(await difference('fig9.2-fashion-mnist.png'), 'none');
});

dataTest('Fig. 9.3: CIFAR-10 has exactly 1000 test images of each class', async () => {
  const stdout = await output('03-datasets-cifar10');
  assert.match(stdout, '10000 test images of [3, 32, 32]: airplane 1000, automobile 1000, bird 1000, cat 1000');
  assert.is(stdout.match(/ 1000\b/g)?.length, 10);
  assert.is(await difference('fig9.3-cifar10.png'), 'none');
});

dataTest("CIFAR-100's superclasses are the chapter's, in its order", async () => {
  const stdout = await output('04-datasets-cifar100');
  const rows = stdout.split('\n').slice(3, 23);
  assert.is(rows[0], 'aquatic mammals                 beaver, dolphin, otter, seal, whale');
  assert.is(rows[4], 'fruit and vegetables            apple, mushroom, orange, pear, sweet pepper');
  assert.is(rows[19], 'vehicles 2                      lawn mower, rocket, streetcar, tank, tractor');
  assert.match(stdout, 'image 0: mountain (large natural outdoor scenes)');
});

dataTest('Fig. 9.4: photographs of ImageNet, by class', async () => {
  const stdout = await output('05-datasets-imagenet', ['--quick']);
  assert.match(stdout, /^\(--quick: the photographs of .*imagenet-samples\)\n\n25 photographs of 25 classes\n/);
  assert.match(stdout, 'hamster: 500 x 490 pixels');
  assert.ok((await picture('fig9.4-imagenet.png')).width > 500);
});

dataTest('COCO: captions, boxes and keypoints, drawn', async () => {
  const stdout = await output('06-datasets-coco', ['--quick']);
  assert.match(stdout, /^\(--quick: the miniature in .*\)\n\ncaptions of image 0: world \| text\n/);
  assert.match(stdout, 'instances: 1 images of 3 categories; image 0 has 2 objects\n  a: box [0, 0, 1, 2], 2 pixels\n');
  for (const kind of ['instances', 'person_keypoints']) {
    const drawn = await picture(`coco-${kind}.png`);
    assert.ok(new Set(drawn.data).size > 4, `${kind} has colours`);
  }
});

dataTest('Fig. 9.5: a frame of Cityscapes with its classes, drawn', async () => {
  const stdout = await output('07-datasets-cityscapes', ['--quick']);
  assert.match(stdout, '1 frames; frame 0 has 5 x 1 pixels\n  of no class: 4 pixels\n  person: 1 pixels\n');
  assert.ok((await picture('fig9.5-cityscapes.png')).width >= 5 * 64);
});

dataTest('9.7.2: a photograph is classified as PyTorch does with the weights that are here', async () => {
  const stdout = await output('14-classify', ['--quick']);
  assert.match(
    stdout,
    /^\(mobilenet_v1_025 with the weights of mobilenetV1X0\.25_pretrain\.tar\)\n\ntorch\.Size\(\[1, 1000\]\)\n/,
  );
  assert.match(stdout, /\nSamoyed 77\.3[89]\d*\n/);
  const top5 = [...stdout.matchAll(/\[ '(.+)', ([\d.]+) \]/g)].map(([, name, percent]) => [name, Number(percent)]);
  assert.equal(
    top5.map(([name]) => name),
    ['Samoyed', 'Great Pyrenees', 'Arctic fox', 'Angora', 'Border collie'],
  );
  assert.ok(Math.abs((top5[1][1] as number) - 6.26) < 0.02, stdout);
});

dataTest("9.7.3: CIFAR-10 becomes AlexNet's [32, 3, 224, 224]", async () => {
  const stdout = await output('18-prepare-datasets');
  assert.match(stdout, 'CenterCrop(size=(224, 224))\n    ToTensor()\n    Normalize(mean=[0.485, 0.456, 0.406]');
  assert.match(stdout, /trainloader: \d0000 images in \d+ batches; the first is \[32, 3, 224, 224\]/);
  assert.match(
    stdout,
    'testloader: 10000 images in 313 batches; the first is [32, 3, 224, 224]\n  cat, ship, ship, airplane,',
  );
});

test.run();

function dataTest(name: string, run: () => Promise<void>): void {
  if (data) test(name, run);
  else test.skip(`${name} (WGRAD_DATA is unset)`, () => {});
}

async function output(program: string, args: readonly string[] = []): Promise<string> {
  const { code, stdout, stderr } = await runExample(program, [...args, '--out', out]);
  assert.is(code, 0, stderr);
  return stdout;
}

async function picture(name: string) {
  return decodeImage(readFileSync(join(out, name)));
}

/** From the picture of the same name that the docs show. */
async function difference(name: string): Promise<string> {
  const [made, shown] = [await picture(name), await decodeImage(readFileSync(join(figures, name)))];
  if (made.width !== shown.width || made.height !== shown.height) return `${made.width} x ${made.height} pixels`;
  const count = made.data.filter((level, i) => level !== shown.data[i]).length;
  return count ? `${count} levels` : 'none';
}
