// `wgrad serve` as a user starts it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { glyphs } from '../../datasets/index.ts';
import { encodePng } from '../../datasets/node/encodePng.ts';
import { createDevice } from '../../engine/node/createDevice.ts';
import { writeCheckpoint } from '../../engine/node/writeCheckpoint.ts';
import { createModel } from '../../models/index.ts';
import { runWgrad } from '../cli/runWgrad.ts';

const test = suite('serve');
const root = mkdtempSync(join(tmpdir(), 'wgrad-serve-'));
const weights = join(root, 'lenet5.safetensors');
const { images, mean, std } = glyphs({ train: false, count: 1 });
const file = encodePng({ width: 28, height: 28, channels: 1, data: images });
const given = [
  ...['serve', '--model', 'lenet5', '--weights', weights, '--mean', String(mean[0]), '--std', String(std[0])],
  ...['--max-batch', '2', '--decoders', '1'],
];
test.before(async () => {
  const device = await createDevice();
  const model = createModel('lenet5').to(device, { seed: 1 });
  await writeCheckpoint(weights, await model.stateDict());
  device.destroy();
});
test.after(() => rmSync(root, { recursive: true }));

test('it says where it listens, answers, and ends with 0 at SIGTERM', async () => {
  const program = ['--import', import.meta.resolve('tsx'), join(import.meta.dirname, '../../cli/wgrad.ts')];
  const child = spawn(process.execPath, [...program, ...given, '--port', '0'], { cwd: root });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      stdout += text;
      if (stdout.endsWith('\n')) resolve(stdout.trim());
    });
    child.on('exit', (code) => reject(new Error(`it ended with ${code}: ${stderr}`)));
  });
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/classify$/);
  assert.match(stderr, /^lenet5 with .*lenet5\.safetensors: resize 28, crop 28, mean /m);
  const headers = { 'content-type': 'image/png' };
  const response = await fetch(address, { method: 'POST', headers, body: file as BodyInit });
  const answer = await response.json();
  assert.is(answer.images[0].top.length, 5);
  const code = await new Promise((resolve) => {
    child.on('exit', resolve);
    child.kill('SIGTERM');
  });
  assert.is(code, 0, stderr);
});

test('a port that is taken, weights of another model and no weights end it with one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  const busy = await runWgrad([...given, '--port', String(port)], { cwd: root });
  taken.close();
  assert.is(busy.code, 1);
  assert.match(busy.stderr, /wgrad: listen EADDRINUSE: address already in use 127\.0\.0\.1/);
  const wrong = join(root, 'wrong.safetensors');
  writeFileSync(wrong, 'no weights');
  const damaged = await runWgrad(['serve', '--model', 'lenet5', '--weights', wrong], { cwd: root });
  assert.is(damaged.code, 2);
  assert.match(damaged.stderr, /^wgrad: .*wrong\.safetensors/m);
  const none = await runWgrad(['serve', '--model', 'lenet5', '--port', 'x'], { cwd: root });
  assert.is(none.code, 2);
  assert.match(none.stderr, /An integer of at least 0 is expected/);
});

test('listening to other machines is said aloud', async () => {
  const program = ['--import', import.meta.resolve('tsx'), join(import.meta.dirname, '../../cli/wgrad.ts')];
  const child = spawn(process.execPath, [...program, ...given, '--port', '0', '--host', '0.0.0.0'], { cwd: root });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  await new Promise((resolve, reject) => {
    child.stdout.on('data', resolve);
    child.on('exit', () => reject(new Error(stderr)));
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGINT');
  assert.is(await ended, 0);
  assert.match(stderr, /open to other machines: there is no password and no TLS/);
});

test.run();
