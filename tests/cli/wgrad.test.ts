// The command line as a user meets it: results on stdout, progress on stderr, exit codes, words for every mistake.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { registry } from '../../kernels/registry.ts';

const test = suite('wgrad');
const program = ['--import', import.meta.resolve('tsx'), join(import.meta.dirname, '../../cli/wgrad.ts')];
const root = mkdtempSync(join(tmpdir(), 'wgrad-cli-'));
/** 25 steps an epoch. */
const small = ['train', 'lenet5', '--dataset', 'glyphs', '--limit', '400', '--batch-size', '16', '--epochs', '2'];
const whole = join(root, 'whole');
let finished: Ended;
test.before(async () => {
  finished = await wgrad([...small, '--out', whole, '--json']);
});
test.after(() => rmSync(root, { recursive: true }));

test('bad input is refused with exit code 2, in words and without a stack trace', async () => {
  const folder = join(root, 'none');
  const cases: [string[], RegExp][] = [
    [['train'], /which model\? wgrad train lenet5/],
    [['train', 'lenet'], /no model 'lenet'; did you mean lenet5/],
    [['train', 'lenet5', '--epochs', '0'], /--epochs .*An integer of at least 1 is expected/],
    [['train', 'lenet5', '--lr', 'fast'], /--lr .*A number above 0 is expected/],
    [
      ['train', 'lenet5', '--dataset', 'cifar'],
      /Allowed choices are mnist, fashion-mnist, emnist-byclass, .*, cifar10, cifar100, cifar100-coarse, glyphs/,
    ],
    [['train', 'lenet5', '--optmizer', 'sgd'], /unknown option '--optmizer'\s+\(Did you mean --optimizer\?\)/],
    [
      ['train', 'lenet5', '--dataset', 'mnist'],
      /mnist needs its files: give --data <folder>, set WGRAD_DATA, or download them/,
    ],
    [['train', 'lenet5', '--data', folder], /mnist: the training files were not found\. Looked in/],
    [['train', '--resume'], /--resume needs --out/],
    [['train', '--resume', '--out', folder], /there is no checkpoint/],
    [['demo', '--data', folder], /mnist: the training files were not found/],
    [['kernel', 'show', 'conv2d/forwrd'], /no kernel 'conv2d\/forwrd'; did you mean conv2d\/forward\?/],
    [['kernel', 'show', 'matmul/forward'], /no kernel 'matmul\/forward'; matmul has /],
    [['kernel', 'show', 'relu/forward', '--variant', 'fast'], /no variant 'fast'; there is plain, vec4/],
    [['kernel', 'check', 'conv'], /no operation 'conv'/],
    [['bogus'], /unknown command 'bogus'/],
  ];
  const results = await inPairs(cases, ([args]) => wgrad(args));
  for (const [i, [args, message]] of cases.entries()) {
    const { code, stdout, stderr } = results[i];
    assert.match(stderr, message);
    assert.is(code, 2, args.join(' '));
    assert.is(stdout, '', args.join(' '));
    assert.not.match(stderr, /\n {4}at /, args.join(' '));
  }
  assert.not(existsSync(folder));
});

test('kernel list names every operation, and kernel show prints the WGSL whole', async () => {
  const list = await wgrad(['kernel', 'list', '--json']);
  const operations: { operation: string; cases: number; shaders: string[] }[] = JSON.parse(list.stdout);
  assert.equal(
    operations.map(({ operation }) => operation),
    registry.map(({ operation }) => operation.name),
  );
  assert.ok(operations.every(({ cases, shaders }) => cases > 0 && shaders.length > 0));
  const shown = await wgrad(['kernel', 'show', 'maxPool2d/forward', '--variant', 'vec4']);
  const { shaders } = registry.find(({ operation }) => operation.name === 'maxPool2d')!.operation;
  const { code } = shaders.find(({ label }) => label === 'maxPool2d/forward vec4')!;
  assert.is(shown.stdout, `// maxPool2d/forward vec4\n${code.trimEnd()}\n`);
});

test('kernel check runs a room on the adapter', async () => {
  const { code, stdout } = await wgrad(['kernel', 'check', 'relu', '--draws', '5', '--seed', '9']);
  assert.is(code, 0);
  assert.match(stdout, /5 draws from seed 9\nok {3}relu: \d+ passed .*\n\d+ passed, 0 failed\n$/);
});

test('Ctrl-C saves within an epoch and says how to resume; resumed, the run ends in the bytes of a whole one', async () => {
  const parts = join(root, 'parts');
  const stopped = await wgrad([...small, '--out', parts, '--json'], { interruptAt: 2 });
  assert.is(stopped.code, 130, stopped.stderr);
  const { stopped: isStopped, steps, resume } = JSON.parse(stopped.stdout);
  assert.ok(isStopped && steps > 0 && steps % 25 !== 0, `stopped within an epoch, after ${steps} steps`);
  assert.is(resume, `npx wgrad train lenet5 --resume --out ${parts}`);
  assert.ok(stopped.stderr.includes(resume));

  const resumed = await wgrad([...resume.split(' ').slice(2), '--json']);
  assert.is(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, new RegExp(`resumed in epoch 1, after step ${steps}`));
  const [a, b] = [JSON.parse(finished.stdout), JSON.parse(resumed.stdout)];
  assert.equal([b.testAccuracy, b.testLoss, b.epochs, b.steps], [a.testAccuracy, a.testLoss, 2, 50]);
  for (const file of readdirSync(join(whole, 'checkpoint')).filter((name) => name.endsWith('.safetensors'))) {
    const [left, right] = [whole, parts].map((out) => readFileSync(join(out, 'checkpoint', file)));
    assert.ok(left.equals(right), `${file} differs`);
  }
});

test('--json prints one line of results on stdout', () => {
  assert.is(finished.code, 0, finished.stderr);
  assert.is(finished.stdout.trimEnd().split('\n').length, 1);
  const result = JSON.parse(finished.stdout);
  for (const name of ['testAccuracy', 'testLoss', 'imagesPerSecond', 'seconds', 'parameters']) {
    assert.ok(Number.isFinite(result[name]), `${name} is ${result[name]}`);
  }
  const { model, dataset, epochs, steps, seed, out, adapter } = result;
  assert.equal([model, dataset, epochs, steps, seed, out], ['lenet5', 'glyphs', 2, 50, 0, whole]);
  assert.ok(adapter.length > 0);
});

test('a run is neither overwritten nor resumed with other options', async () => {
  const again = await wgrad([...small, '--out', whole]);
  assert.is(again.code, 2);
  assert.match(again.stderr, /holds a run already: continue it with --resume, or choose another --out/);
  const changed = await wgrad(['train', '--resume', '--out', whole, '--lr', '0.3']);
  assert.is(changed.code, 2);
  assert.match(changed.stderr, /a resumed run keeps its options: lr is 0\.05, not 0\.3/);
});

test.run();

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** @param options.interruptAt sends SIGINT when so many rows of metrics have been written */
function wgrad(args: string[], { interruptAt = Infinity } = {}): Promise<Ended> {
  const env = { ...process.env, WGRAD_DATA: '', WGRAD_HOME: join(root, 'home') };
  const child = spawn(process.execPath, [...program, ...args], { cwd: root, env });
  const metrics = join(args[args.indexOf('--out') + 1] ?? '', 'metrics.jsonl');
  const timer = setInterval(() => {
    if (interruptAt === Infinity || !existsSync(metrics)) return;
    if (readFileSync(metrics, 'utf8').split('\n').length <= interruptAt) return;
    clearInterval(timer);
    child.kill('SIGINT');
  }, 5);
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    ended.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    ended.stderr += text;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ ...ended, code });
    });
  });
}

/** Two at a time: most of what each does is starting. */
async function inPairs<T, R>(items: T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += 2) results.push(...(await Promise.all(items.slice(i, i + 2).map(run))));
  return results;
}
