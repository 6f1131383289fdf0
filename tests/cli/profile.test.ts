// `wgrad profile` and `wgrad tune` as a user meets them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { imagesShape } from '../../cli/randomStep.ts';
import { cacheFolder } from '../../engine/node/cacheFolder.ts';
import { readTuning } from '../../engine/node/tuningFile.ts';
import type { ChromeTrace, ProfileRow } from '../../engine/profile/index.ts';
import { WgradError } from '../../kernels/errors.ts';
import { modelEntry } from '../../models/index.ts';
import { runWgrad } from './runWgrad.ts';

const test = suite('wgrad profile');
const cwd = mkdtempSync(join(tmpdir(), 'wgrad-profile-'));
/** Choices are kept in a folder of the test; the driver's compiled shaders are where they always are. */
const env = { WGRAD_HOME: join(cwd, 'home'), MESA_SHADER_CACHE_DIR: join(cacheFolder(), 'mesa') };
test.after(() => rmSync(cwd, { recursive: true }));

test('a training step is shown by layer and by kernel, and written as JSON, SVG and a trace', async () => {
  const files = ['--json', 'out/l.json', '--roofline', 'out/l.svg', '--trace', 'out/l.trace.json'];
  const { code, stdout, stderr } = await runWgrad(
    ['profile', 'train', 'lenet5', '--batch', '2', '--steps', '1', ...files],
    { cwd, env },
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /^lenet5, training step, images \[2, 1, 28, 28\], on /);
  for (const layer of ['conv1', 'conv2', 'fc1', 'fc2', 'fc3']) {
    assert.match(stdout, new RegExp(`^${layer} +forward `, 'm'));
    assert.match(stdout, new RegExp(`^${layer} +backward `, 'm'));
  }
  assert.match(stdout, /^\(the optimizer\) +optimizer /m);
  const report = JSON.parse(readFileSync(join(cwd, 'out/l.json'), 'utf8'));
  assert.equal([report.model, report.mode, report.batch], ['lenet5', 'train', 2]);
  assert.ok(report.roof.bytesPerSecond > 0 && report.roof.flopPerSecond > 0);
  const forward = (report.layers as ProfileRow[]).filter(({ phase }) => phase === 'forward');
  assert.equal(
    forward.filter(({ layer }) => layer).map(({ layer }) => layer),
    ['conv1', 'conv2', 'fc1', 'fc2', 'fc3'],
  );
  assert.match(readFileSync(join(cwd, 'out/l.svg'), 'utf8'), /^<svg [\s\S]*<\/svg>$/);
  const { traceEvents } = JSON.parse(readFileSync(join(cwd, 'out/l.trace.json'), 'utf8')) as ChromeTrace;
  assert.ok(traceEvents.some(({ name, ph }) => ph === 'X' && name === 'conv2'));
});

test('a forward pass has no other phase', async () => {
  const { code, stdout } = await runWgrad(['profile', 'forward', 'lenet5', '--batch', '2', '--steps', '1'], {
    cwd,
    env,
  });
  assert.is(code, 0);
  assert.match(stdout, /^fc3 +forward /m);
  assert.not.match(stdout, / (backward|optimizer) /);
});

test('what cannot be is refused in words, before anything is measured', async () => {
  const cases: [string[], RegExp][] = [
    [['profile', 'walk', 'lenet5'], /'walk' is invalid for argument 'what'. Allowed choices are train, forward/],
    [['profile', 'train', 'lenet5', '--json', 'a', '--trace', './a'], /need files of their own/],
    [['profile', 'train', 'lenet5', '--json', '.'], /is a folder/],
    [['train', 'lenet5', '--tune', '--deterministic'], /'--tune' cannot be used with option '--deterministic'/],
  ];
  const results = await Promise.all(cases.map(([args]) => runWgrad(args, { cwd, env })));
  for (const [i, [args, message]] of cases.entries()) {
    const { code, stdout, stderr } = results[i];
    assert.match(stderr, message);
    assert.is(code, 2, args.join(' '));
    assert.is(stdout, '');
    assert.not.match(stderr, /\n {4}at /);
  }
});

test('images that no adapter or model takes are refused', () => {
  const [lenet, resnet] = [modelEntry('lenet5'), modelEntry('resnet18')];
  assert.equal(imagesShape(lenet, { batch: 3 }), [3, 1, 28, 28]);
  assert.equal(imagesShape(resnet, { batch: 3, size: 64, options: { inChannels: 1 } }), [3, 1, 64, 64]);
  const refused = (run: () => unknown, message: RegExp) =>
    assert.throws(run, (error: unknown) => error instanceof WgradError && message.test(error.message));
  refused(() => imagesShape(lenet, { batch: 99_999_999 }), /--batch: at most 65536 images/);
  refused(() => imagesShape(lenet, { batch: 1, size: 7 }), /lenet5 reads images of/);
  refused(() => imagesShape(resnet, { batch: 1, size: 99_999 }), /--size: at most 16384 pixels/);
});

test('tune measures what a step runs and keeps what it found', async () => {
  const args = ['tune', 'lenet5', '--for', 'forward', '--batch', '1', '--json'];
  const { code, stdout, stderr } = await runWgrad(args, { cwd, env });
  assert.is(code, 0, stderr);
  const { measured, path } = JSON.parse(stdout);
  assert.equal(
    measured.map(({ operation }: { operation: string }) => operation),
    ['conv2d', 'conv2d', 'linear', 'linear', 'linear'],
  );
  assert.is(path, join(env.WGRAD_HOME, 'tune.json'));
  const [choices] = readTuning(path, assert.unreachable).values();
  assert.equal(
    [...choices.keys()],
    measured.map(({ key }: { key: string }) => key),
  );
});
test.run();
