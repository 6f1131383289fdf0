// The setup's decisions, and the hand-over to the command.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
// @ts-expect-error plain JavaScript, for it runs before there is a node_modules
import { isWorthInstalling } from '../../tools/setupAdapter.mjs';
// @ts-expect-error plain JavaScript, for it runs before there is a node_modules
import { isInstalled } from '../../tools/setupPackages.mjs';

const root = join(import.meta.dirname, '..', '..');
const swiftshader = { kind: 'swiftshader' };

test('lavapipe is installed only where nothing better than SwiftShader was found', () => {
  assert.ok(isWorthInstalling(null, {}));
  assert.ok(isWorthInstalling(swiftshader, {}));
  assert.ok(isWorthInstalling(null, { WGRAD_ADAPTER: 'llvmpipe' }));
  assert.not.ok(isWorthInstalling({ kind: 'gpu' }, {}));
  assert.not.ok(isWorthInstalling({ kind: 'lavapipe' }, {}));
});

test('nothing is installed against the wish of the user', () => {
  assert.not.ok(isWorthInstalling(null, { WGRAD_NO_INSTALL: '1' }));
  assert.not.ok(isWorthInstalling(swiftshader, { WGRAD_ADAPTER: 'SwiftShader' }));
  assert.not.ok(isWorthInstalling(null, { WGRAD_ADAPTER: 'nvidia' }));
  assert.not.ok(isWorthInstalling(swiftshader, { VK_DRIVER_FILES: '/nonexistent' }));
});

test('packages count as installed when each is there in the version of the lock', () => {
  const lock = {
    packages: {
      '': { name: 'wgrad' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/a-win32': { version: '1.0.0', optional: true },
    },
  };
  assert.ok(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } }));
  assert.not.ok(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.1' } } }));
  assert.not.ok(isInstalled(lock, { packages: {} }));
});

test('setup without a command says how it is used', () => {
  const { status, stderr } = spawnSync(process.execPath, ['tools/setup.mjs', '--'], { cwd: root, encoding: 'utf8' });
  assert.is(status, 2);
  assert.match(stderr, 'usage: node tools/setup.mjs');
});

test("the command's exit code is handed back, and 128 + n when signal n ended it", () => {
  assert.is(handOver('process.exit(7)').status, 7);
  assert.is(handOver("process.kill(process.pid, 'SIGTERM')").status, 143);
  assert.is(runSync("['no-such-command-here']").status, 127);
});

test('a signal reaches the command once, and its own exit code is the answer', async () => {
  const count = `let n = 0; process.on('SIGTERM', () => { n++; setTimeout(() => process.exit(40 + n), 300); });
    console.log('ready'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    runner(`[process.execPath, '-e', ${JSON.stringify(count)}]`),
  ]);
  child.stdout.once('data', () => child.kill('SIGTERM'));
  assert.is(await new Promise((resolve) => child.on('exit', resolve)), 41);
});

function handOver(script: string) {
  return runSync(`[process.execPath, '-e', ${JSON.stringify(script)}]`);
}

function runSync(command: string) {
  return spawnSync(process.execPath, ['--input-type=module', '-e', runner(command)], { encoding: 'utf8' });
}

// runCommand alone: the steps before it are tried on bare machines, not in a test that would install things
function runner(command: string): string {
  const module = JSON.stringify(join(root, 'tools', 'setupRun.mjs'));
  return `import { runCommand } from ${module}; process.exitCode = await runCommand(${command}, process.env);`;
}

test.run();
