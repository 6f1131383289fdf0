// Training on real MPI: the same curve and accuracy as one process, and faults in the middle of it. About ten minutes on
// two cores.
//   WGRAD_DATA=folder npm run test:slow -- mpiTraining
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alone, inRanks, launchers, lossesOf } from './launch.ts';

const test = suite('training on MPI');
if (!process.env.WGRAD_DATA) throw new Error('WGRAD_DATA must name the folder that holds (or is above) mnist');
const wgrad = join(import.meta.dirname, '../../cli/wgrad.ts');
const temporary = mkdtempSync(join(tmpdir(), 'wgrad-mpi-'));
test.after(() => rmSync(temporary, { recursive: true }));

/** LeNet-5 on all of MNIST, 938 steps, of which the last one has 32 images; in batches of 64 together. */
const recipe = ['train', 'lenet5', '--dataset', 'mnist', '--epochs', '1', '--seed', '1', '--json'];
let whole: { losses: number[]; accuracy: number } | undefined;

const [first, second = first] = launchers();
for (const [launcher, ranks] of [
  [first, 2],
  [second, 4],
] as const) {
  if (!launcher) continue;
  test(`${launcher.name}, ${ranks} ranks: the losses of one process over 100 steps, and its accuracy on MNIST`, async () => {
    whole ??= await wholeRun();
    const out = join(temporary, `${ranks}`);
    const args = [...recipe, '--batch-size', `${64 / ranks}`, '--mpi-timeout', '120', '--out', out];
    const { exitCode, stdout, stderr } = await inRanks(launcher, wgrad, [{ ranks, args }]);
    assert.is(exitCode, 0, stderr);
    const losses = lossesOf(out);
    assert.is(losses.length, 938);
    const differences = losses.slice(0, 100).map((loss, i) => Math.abs(loss / whole!.losses[i]! - 1));
    const largest = Math.max(...differences);
    const accuracy = accuracyOf(stdout);
    console.log(`${ranks} ranks: ${largest} at most over 100 steps; accuracy ${accuracy}, alone ${whole.accuracy}`);
    assert.ok(largest < 1e-5, `${largest}`);
    // after some hundred steps rounding has grown to other weights of the same worth
    assert.ok(Math.abs(accuracy - whole.accuracy) < 0.003, `${accuracy} and ${whole.accuracy}`);
  });
}

for (const launcher of launchers()) {
  test(`${launcher.name}: a rank killed with -9 in the middle of training ends the run`, async () => {
    const file = join(import.meta.dirname, 'killedRank.ts');
    const command = [...launcher.command, ...(launcher.keepsOthers ?? [])];
    const ended = await inRanks({ command }, file, [{ ranks: 3, args: ['1', '30', '5'] }]);
    assert.ok(ended.seconds < 60, `${ended.seconds} s`);
    if (!launcher.keepsOthers) {
      assert.is.not(ended.exitCode, 0); // the launcher ended the others
      return;
    }
    const named = /rank 1 of 3 \([^)]*\) does not answer: it died or hangs/g;
    assert.is(ended.stdout.match(named)?.length, 2, `in both others: ${ended.stdout}${ended.stderr}`);
  });

  test(`${launcher.name}: a rank with another model ends the run before the first step, in both ranks`, async () => {
    const out = join(temporary, `${launcher.name}-other`);
    const args = (model: string) => [
      ...['train', model, '--dataset', 'glyphs', '--epochs', '1', '--limit', '40'],
      ...['--mpi-timeout', '60', '--out', out],
    ];
    const { exitCode, stderr } = await inRanks(launcher, wgrad, [
      { ranks: 1, args: args('lenet5') },
      { ranks: 1, args: args('resnet18') },
    ]);
    assert.is.not(exitCode, 0);
    const said = stderr.match(/wgrad: before the first step: rank 1 of 2 \([^)]*\) has another /g) ?? [];
    assert.is(said.length, 2, stderr);
  });

  test(`${launcher.name}: a run goes on from its checkpoint, and only with as many ranks`, async () => {
    const out = join(temporary, `${launcher.name}-resumed`);
    const args = ['train', 'lenet5', '--dataset', 'glyphs', '--epochs', '1', '--limit', '200', '--out', out];
    const begun = await inRanks(launcher, wgrad, [{ ranks: 2, args: [...args, '--batch-size', '20'] }]);
    assert.is(begun.exitCode, 0, begun.stderr);
    const resumed = await inRanks(launcher, wgrad, [{ ranks: 2, args: ['train', '--resume', '--out', out] }]);
    assert.is(resumed.exitCode, 0, resumed.stderr);
    assert.match(resumed.stderr, 'the run is complete; testing it again');
    const other = await alone(wgrad, ['train', '--resume', '--out', out]);
    assert.is(other.exitCode, 2);
    assert.match(other.stderr, 'was begun with mpirun -n 2: resume it so, not with 1');
    assert.ok(existsSync(join(out, 'report.html')));
  });
}

async function wholeRun(): Promise<{ losses: number[]; accuracy: number }> {
  const out = join(temporary, 'alone');
  const { exitCode, stdout, stderr } = await alone(wgrad, [...recipe, '--batch-size', '64', '--out', out]);
  assert.is(exitCode, 0, stderr);
  return { losses: lossesOf(out), accuracy: accuracyOf(stdout) };
}

function accuracyOf(stdout: string): number {
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('{'))!).testAccuracy;
}

test.run();
