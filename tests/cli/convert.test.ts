// `wgrad inspect`, `wgrad convert` and `wgrad fetch` as a user meets them.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { convertCommand } from '../../cli/convert.ts';
import { fetchCommand } from '../../cli/fetch.ts';
import { inspectCommand } from '../../cli/inspect.ts';
import type { HostTensor, StateDict } from '../../engine/hostTensor.ts';
import { loadCheckpoint, openCheckpoint } from '../../engine/node/checkpoint.ts';
import { writeCheckpoint } from '../../engine/node/writeCheckpoint.ts';
import { WgradError } from '../../kernels/errors.ts';
import { createModel, modelEntry } from '../../models/index.ts';
import { type Ended, runWgrad } from './runWgrad.ts';

const test = suite('wgrad inspect, convert, fetch');
const root = mkdtempSync(join(tmpdir(), 'wgrad-convert-'));
const started = process.cwd();
const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));
test.after(() => {
  process.chdir(started);
  rmSync(root, { recursive: true });
});

test.before(async () => {
  process.chdir(root);
  await writeCheckpoint(join(root, 'lenet.pth'), stateOf('lenet5', { numClasses: 7 }), {
    metadata: { epoch: '3', 'evil\x1b[2J': 'x' },
  });
});

/**
 * The command in this process, to save the second that starting one takes; cli/wgrad.ts makes code 2 of the errors that
 * pass here.
 */
async function wgrad([name, ...args]: readonly string[]): Promise<Ended> {
  const command = { inspect: inspectCommand, convert: convertCommand, fetch: fetchCommand }[name]!();
  const ended: Ended = { code: 0, stdout: '', stderr: '' };
  const { log } = console;
  console.log = (text: string) => {
    ended.stdout += `${text}\n`;
  };
  try {
    await command
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof WgradError || error instanceof CommanderError)) throw error;
    return { ...ended, code: 2, stderr: error.message };
  } finally {
    console.log = log;
  }
  return ended;
}

async function metadataOf(name: string): Promise<object> {
  const file = await openCheckpoint(join(root, name));
  await file.close();
  return file.metadata;
}

/** The model's names and shapes, with numbers that tell them apart. */
function stateOf(...[name, options]: Parameters<typeof createModel>): StateDict {
  const parameters = createModel(name, options).namedParameters();
  return new Map(
    parameters.map(([key, { shape, size }], k): [string, HostTensor] => [
      key,
      { dtype: 'float32', shape, data: Float32Array.from({ length: size }, (_, i) => k + i / 64) },
    ]),
  );
}

test('inspect tells names, types and shapes, metadata and the model, and steers no terminal', async () => {
  const { code, stdout, stderr } = await wgrad(['inspect', 'lenet.pth']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^format {4}pytorch-zip, [\d,]+ bytes$/m);
  assert.match(stdout, /^tensors {3}under 'state_dict'$/m);
  assert.match(stdout, /^metadata {2}epoch: 3$/m);
  assert.match(stdout, /^metadata {2}evil\?\[2J: x$/m);
  assert.match(stdout, /^conv2\.weight {2}float32 {2}\[16, 6, 5, 5\] +9,600$/m);
  assert.match(stdout, /10 tensors \(10 float32\), 245,804 bytes, 61,451 parameters\nfits lenet5 with 7 classes\n$/);
});

test('inspect --json has the same in one line', async () => {
  const { stdout } = await wgrad(['inspect', 'lenet.pth', '--json']);
  assert.is(stdout.trimEnd().split('\n').length, 1);
  const { tensors, parameters, models, wrapper } = JSON.parse(stdout);
  assert.equal(tensors[0], { name: 'conv1.weight', dtype: 'float32', shape: [6, 1, 5, 5], bytes: 600 });
  assert.equal([parameters, wrapper], [61_451, 'state_dict']);
  assert.equal(models, [{ name: 'lenet5', numClasses: 7, isPartial: false, parameters: 61_451 }]);
});

test('convert changes the format, keeps values and texts, and says what it wrote', async () => {
  const { code, stdout, stderr } = await wgrad([
    'convert',
    'lenet.pth',
    'a.safetensors',
    '--metadata',
    'author=me=you',
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^a\.safetensors: safetensors, 10 tensors \(10 float32\), [\d,]+ bytes\n {2}metadata epoch=3\n/);
  const file = await openCheckpoint(join(root, 'a.safetensors'));
  await file.close();
  assert.is(file.metadata.epoch, '3');
  assert.is(file.metadata.author, 'me=you');
  for (const [name, tensor] of await loadCheckpoint(join(root, 'lenet.pth'))) {
    assert.equal((await loadCheckpoint(join(root, 'a.safetensors'))).get(name), tensor);
  }
});

test('convert of safetensors gives a plain state dict, rounded where that is asked for', async () => {
  await writeCheckpoint(join(root, 'b.safetensors'), stateOf('lenet5', {}), { metadata: { format: 'pt' } });
  const { code, stdout, stderr } = await wgrad(['convert', 'b.safetensors', 'b.pth', '--dtype', 'float16']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^b\.pth: pytorch, 10 tensors \(10 float16\), [\d,]+ bytes\n {2}left out: format\n$/);
  const file = await openCheckpoint(join(root, 'b.pth'));
  await file.close();
  assert.equal([file.wrapper, file.metadata], ['', {}]);
});

test('names of classes go along in both directions, as JSON, and lists of other things do not', async () => {
  const names = {
    classes: '["Kätzchen","dog"]',
    class_to_idx: '{"Kätzchen":0,"dog":1}',
    idx_to_class: '{"0":"Kätzchen","1":"dog"}',
  };
  const there = await wgrad(['convert', join(FIXTURES, 'classNames.pth'), 'named.safetensors']);
  assert.is(there.code, 0, there.stderr);
  assert.match(there.stdout, /\n {2}left out: labels, optimizer\n$/);
  assert.equal(await metadataOf('named.safetensors'), { ...names, epoch: '3' });
  const back = await wgrad(['convert', 'named.safetensors', 'named.pth']);
  assert.is(back.code, 0, back.stderr);
  assert.match(back.stdout, /, under state_dict, .*\n {2}left out: epoch\n$/s);
  assert.equal(await metadataOf('named.pth'), names);
  await wgrad(['convert', 'named.pth', 'again.safetensors']);
  assert.equal(await metadataOf('again.safetensors'), names);
});

test('a text that only looks like names of classes makes no wrapper, and many names one short line', async () => {
  const many = JSON.stringify(Array.from({ length: 1000 }, (_, i) => `class ${i}`));
  const metadata = { classes: 'ten', labels: '[1,2]', categories: '[]', id2label: '{"0":[]}', note: '["a"]' };
  await writeCheckpoint(join(root, 'c.safetensors'), stateOf('lenet5', {}), { metadata });
  const plain = await wgrad(['convert', 'c.safetensors', 'c2.pth']);
  assert.match(plain.stdout, /left out: classes, labels, categories, id2label, note\n$/);
  assert.equal(await metadataOf('c2.pth'), {});
  await writeCheckpoint(join(root, 'd.safetensors'), stateOf('lenet5', {}), { metadata: { Class_Names: many } });
  const { stdout } = await wgrad(['convert', 'd.safetensors', 'd.pth']);
  assert.ok(stdout.split('\n').every((line) => line.length <= 120));
  assert.equal(await metadataOf('d.pth'), { Class_Names: many });
});

test('what cannot be done is refused in words, and nothing is written', async () => {
  writeFileSync(join(root, 'there.pth'), 'old');
  writeFileSync(join(root, 'page.pth'), '<html>');
  const before = readdirSync(root);
  const cases: [string[], RegExp][] = [
    [['inspect', 'none.pth'], /none\.pth: there is no such file/],
    [['inspect', 'page.pth'], /page\.pth: at byte 0: this looks like a web page/],
    [['convert', 'lenet.pth', 'lenet.onnx'], /lenet\.onnx: this ending names no format/],
    [['convert', 'lenet.pth', 'there.pth'], /there\.pth is there already: give --force/],
    [['convert', 'page.pth', 'c.pth'], /page\.pth: at byte 0/],
    [['convert', 'lenet.pth', 'c.pth', '--metadata', 'epoch'], /name=text is expected/],
    [['fetch', 'lenet5'], /lenet5 has no published weights: train it/],
    [['fetch', 'lenet_5'], /no model 'lenet_5'; did you mean lenet5/],
    [['fetch', 'lenet5_c5', '--file', 'x.pt'], /lenet5_c5 has no weights 'x\.pt'; it has .*mnist_cnn\.pt/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await wgrad(args);
    assert.match(stderr, message);
    assert.equal([code, stdout], [2, ''], args.join(' '));
  }
  assert.equal(readdirSync(root), before);
});

test('fetch downloads once, prints the path alone on stdout, and fails with 1 when it cannot', async () => {
  const bytes = Buffer.from('not the published file');
  const { file, sha256 } = modelEntry('lenet5_c5').weights[0];
  let requests = 0;
  const server: Server = createServer((_, response) => {
    requests++;
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env = {
    WGRAD_WEIGHTS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    WGRAD_HOME: join(root, 'home'),
  };
  const wrong = await runWgrad(['fetch', 'lenet5_c5'], { cwd: root, env });
  await new Promise((resolve) => server.close(resolve));
  assert.is(wrong.code, 2, wrong.stderr);
  assert.is(requests, 1);
  assert.match(wrong.stderr, `its SHA-256 is ${createHash('sha256').update(bytes).digest('hex')}, expected ${sha256}`);

  const offline = await runWgrad(['fetch', 'lenet5_c5'], { cwd: root, env });
  assert.is(offline.code, 1);
  assert.ok(offline.stderr.includes(`Put ${file} (its SHA-256 is ${sha256}`), offline.stderr);
  assert.ok(offline.stderr.includes(`into ${join(root, 'home', 'weights')} or set WGRAD_WEIGHTS_URL`), offline.stderr);
});

const pretrained = join(process.env.WGRAD_DATA ?? '', 'pretrained');
const hasReal = Boolean(process.env.WGRAD_DATA) && existsSync(pretrained);
if (!hasReal) console.log('skipped: inspecting real weights needs WGRAD_DATA with pretrained/');
const real = hasReal ? test : test.skip;

real('inspect finds the models of real files', async () => {
  const models = {
    'resnet20-12fca82f.th': [['resnet20', 10, false]],
    'mobilenetV1X0.25_pretrain.tar': [['mobilenet_v1_025', 1000, false]],
    'lpips_squeeze.pt': [['squeezenet1_1', 1000, true]],
    'mnist_cnn.pt': [['lenet5_c5', 10, false]],
    'mnist.pt': [['mnist_convnet', 10, false]],
  };
  for (const [name, expected] of Object.entries(models)) {
    const { stdout } = await wgrad(['inspect', join(pretrained, name), '--json']);
    const found: { name: string; numClasses: number; isPartial: boolean }[] = JSON.parse(stdout).models;
    assert.equal(
      found.map(({ name, numClasses, isPartial }) => [name, numClasses, isPartial]),
      expected,
      name,
    );
  }
});

real('convert takes a real checkpoint to safetensors, and says that the optimizer stays behind', async () => {
  const from = join(pretrained, 'mobilenetV1X0.25_pretrain.tar');
  const { code, stdout, stderr } = await wgrad(['convert', from, 'mobile.safetensors']);
  assert.is(code, 0, stderr);
  assert.match(stdout, '164 tensors (137 float32, 27 int64)');
  assert.match(stdout, /\n {2}names without their prefix 'module\.'\n {2}left out: optimizer\n$/);
  const [old, converted] = [await loadCheckpoint(from), await loadCheckpoint(join(root, 'mobile.safetensors'))];
  for (const [name, tensor] of old) assert.equal(converted.get(name), tensor, name);
});

real('fetch finds a file that was put into its folder by hand', async () => {
  const { file } = modelEntry('resnet20').weights[0];
  const folder = join(root, 'home2', 'weights');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), readFileSync(join(pretrained, file)));
  const { code, stdout, stderr } = await runWgrad(['fetch', 'resnet20'], {
    cwd: root,
    env: { WGRAD_HOME: join(root, 'home2') },
  });
  assert.equal([code, stdout, stderr], [0, `${join(folder, file)}\n`, '']);
});

test.run();
