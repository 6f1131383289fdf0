// The chapter's listings about models, run as programs and held against what the chapter prints. They need no data.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolders } from '../datasets/temporaryFolders.ts';
import {
  ALEXNET,
  CHILDREN,
  CLASSIFIER,
  FROZEN,
  LISTED_CLASSES,
  LISTED_MODELS,
  MODIFIED,
  NIN_SHAPES,
  SUMMARY,
} from './chapterOutputs.ts';
import { runExample } from './runExample.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { make, removeAll } = temporaryFolders();
test.after(removeAll);

test("9.2 prints AlexNet's shape as the chapter does", async () => {
  assert.is(await output('08-alexnet'), 'torch.Size([4, 1000])\n');
});

test('9.3 has the layers of VGG16 and its 138,357,544 parameters', async () => {
  const stdout = await output('09-vgg16', ['--quick']);
  assert.is(stdout.match(/Conv2d-/g)?.length, 13);
  assert.is(stdout.match(/Linear-/g)?.length, 3);
  assert.match(stdout, 'Conv2d-13          [-1, 512, 14, 14]       2,359,808');
  assert.match(stdout, 'Total params: 138,357,544');
  assert.match(stdout, '(--quick: without the forward pass');
});

test("9.4 prints NiN's twelve shapes as the chapter does", async () => {
  assert.is((await output('10-nin')).trim(), NIN_SHAPES);
});

test("9.7.1 lists those of torchvision's models that there are", async () => {
  const stdout = await output('11-list-models');
  for (const name of LISTED_CLASSES) assert.match(stdout, `'${name}'`);
  const lines = stdout.split('\n');
  for (const name of LISTED_MODELS) assert.ok(lines.includes(name), name);
});

test('9.7.1 prints AlexNet as the chapter does, and says which file its weights would come from', async () => {
  const stdout = await output('12-load-pretrained-print', ['--data', make()], { WGRAD_HOME: make() });
  assert.match(
    stdout,
    /^\(alexnet with random values.*Put alexnet-owt-7be5be79\.pth \(its SHA-256 begins with 7be5be79/,
  );
  assert.ok(stdout.endsWith(`\n\n${ALEXNET}\n`), stdout);
});

test("9.7.1's summary has the chapter's rows and sums", async () => {
  const [note, ...lines] = (await output('13-summary', ['--quick'])).split('\n');
  assert.is(note, '(--quick: alexnet with random values instead of alexnet-owt-7be5be79.pth)');
  const rows = lines.filter((line) => !/^[-=]*$/.test(line)).map((line) => line.trim().replace(/ +/g, ' '));
  assert.is(rows.join('\n'), SUMMARY);
});

test("9.7.3 prints AlexNet's modules and children, and its classifier's layers, as the chapter does", async () => {
  const [modules, children, classifier, parameters] = (await output('15-explore', ['--quick'])).split(/\n# \w+\n/);
  assert.match(modules, `\n ${ALEXNET}\n`);
  assert.match(modules, '\nclassifier.6 Linear(in_features=4096, out_features=1000, bias=True)\n');
  assert.is(children.trim(), CHILDREN);
  assert.is(classifier.trim(), CLASSIFIER.join('\n'));
  const shapes = [...parameters.matchAll(/^ {2}\[(.*?)\] (-?\d\.\d{4} ){4}…$/gm)].map(([, shape]) => shape);
  assert.equal(shapes, ['4096, 9216', '4096', '4096, 4096', '4096', '1000, 4096', '1000']);
});

test("9.7.3's modified classifier has 10 classes", async () => {
  const stdout = await output('16-modify', ['--quick']);
  assert.ok(stdout.endsWith(`)\n\n${MODIFIED}\n`), stdout);
});

test('9.7.3 says of each layer whether it was frozen, as the chapter does', async () => {
  const stdout = await output('17-freeze', ['--quick']);
  assert.ok(stdout.endsWith(`)\n\n${FROZEN}\n`), stdout);
});

test("the docs' page has a section for every listing, with these outputs", () => {
  const page = readFileSync(join(root, 'docs/chapter9.md'), 'utf8');
  const listings = readdirSync(join(root, 'examples/chapter9')).filter((name) => /^\d\d-.*\.ts$/.test(name));
  assert.ok(listings.length >= 19);
  for (const name of listings) assert.match(page, `(../examples/chapter9/${name})`);
  for (const text of [ALEXNET, CHILDREN, MODIFIED, FROZEN, NIN_SHAPES]) assert.match(page, `\n${text}\n`);
});

test('an option that there is not ends a program with its usage and code 2', async () => {
  const { code, stdout, stderr } = await runExample('11-list-models', ['--fast']);
  assert.is(code, 2);
  assert.is(stdout, '');
  assert.match(stderr, /Unknown option '--fast'.*\nusage: npx tsx examples\/chapter9\//);
});

test.run();

async function output(program: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runExample(program, args, { env });
  assert.is(code, 0, stderr);
  return stdout;
}
