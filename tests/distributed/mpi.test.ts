// Ranks on real MPI, under each of the launchers that are installed; what is not installed is said and left out.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RankError } from '../../training/distributed/index.ts';
import { adapterOfRank, loadMpi, mpiEnvironment } from '../../training/node/mpi/index.ts';
import { alone, inRanks, launchers, lossesOf } from './launch.ts';

const test = suite('MPI');
const program = join(import.meta.dirname, 'rankProgram.ts');
const wgrad = join(import.meta.dirname, '../../cli/wgrad.ts');
const temporary = mkdtempSync(join(tmpdir(), 'wgrad-mpi-'));
test.after(() => rmSync(temporary, { recursive: true }));

interface Trained {
  losses: number[];
  statistics: Record<string, number[]>;
}

function lines(text: string): { rank: number; [name: string]: unknown }[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.rank - b.rank);
}

test('the variables of launchers are understood', () => {
  const open = { OMPI_COMM_WORLD_RANK: '3', OMPI_COMM_WORLD_SIZE: '4', OMPI_COMM_WORLD_LOCAL_RANK: '1' };
  assert.equal(mpiEnvironment(open), { rank: 3, size: 4, localRank: 1, launcher: 'Open MPI' });
  const hydra = { PMI_RANK: '0', PMI_SIZE: '2', MPI_LOCALRANKID: '0' };
  assert.equal(mpiEnvironment(hydra), { rank: 0, size: 2, localRank: 0, launcher: 'MPICH' });
  const slurm = { PMIX_RANK: '5', SLURM_NTASKS: '8', SLURM_LOCALID: '1' };
  assert.equal(mpiEnvironment(slurm), { rank: 5, size: 8, localRank: 1, launcher: 'unknown' });
  assert.is(mpiEnvironment({ PMI_RANK: '', SLURM_NTASKS: '8' }), undefined);
});

test('ranks of a machine take its GPUs in turn, and share what there is one of', () => {
  const adapter = (kind: 'gpu' | 'lavapipe', device: string) => ({ kind, info: { device } as GPUAdapterInfo });
  const two = [adapter('gpu', 'first'), adapter('lavapipe', 'llvmpipe'), adapter('gpu', 'second')];
  assert.equal(
    [0, 1, 2, 3].map((rank) => adapterOfRank(two, rank)),
    ['first', 'second', 'first', 'second'],
  );
  assert.is(adapterOfRank(two.slice(0, 2), 1), undefined);
});

test('a missing library is a RankError that says what to install', async () => {
  process.env.WGRAD_MPI_LIBRARY = join(temporary, 'libmpi-that-is-not-there.so');
  try {
    const error = await loadMpi('Open MPI').catch((failed) => failed);
    assert.instance(error, RankError);
    assert.match(error.message, 'no MPI library for Open MPI could be loaded');
    assert.match(error.message, 'libopenmpi3');
  } finally {
    delete process.env.WGRAD_MPI_LIBRARY;
  }
});

const installed = launchers();
/** What concerns the engine more than the library is tested on one of them. */
const [first] = installed;
const last = installed.at(-1);

test('without koffi a RankError says what to install', async () => {
  const hooks = join(temporary, 'hooks.mjs');
  writeFileSync(
    hooks,
    `export async function resolve(name, context, next) {
      if (name === 'koffi') throw new Error('Cannot find package koffi');
      return next(name, context);
    }`,
  );
  const program = join(temporary, 'withoutKoffi.mjs');
  writeFileSync(
    program,
    `import { register } from 'node:module';
     register(${JSON.stringify(pathToFileURL(hooks).href)});
     process.env.PMI_RANK = '0';
     process.env.PMI_SIZE = '2';
     const { joinRanks } = await import(${JSON.stringify(join(import.meta.dirname, '../../training/node/index.ts'))});
     await joinRanks().catch(({ name, message }) => console.log(name + ': ' + message));`,
  );
  const { stdout, stderr } = await alone(program, []);
  assert.match(
    stdout,
    /^RankError: training on several ranks needs the npm package koffi, .*: npm install koffi/,
    stderr,
  );
});

for (const launcher of installed) {
  test(`${launcher.name}: sums in place, several at once, and texts`, async () => {
    const { exitCode, stdout, stderr } = await inRanks(launcher, program, [{ ranks: 3, args: ['sums'] }]);
    assert.is(exitCode, 0, stderr);
    const all = lines(stdout);
    assert.is(all.length, 3);
    for (const [rank, { version, ...each }] of all.entries()) {
      assert.match(version as string, launcher.name);
      assert.equal(each, {
        ...{ rank, size: 3, localRank: rank, wrong: -1, few: [3, 3, 3], exact: [3 * 2 ** 40 + 3, 1.5] },
        ...{ names: ['rank 0', 'rank 1', 'rank 2'], now: [3, 3] },
      });
    }
  });

  test(`${launcher.name}: a rank that fails is named in the others, with its reason`, async () => {
    const { exitCode, stdout, seconds } = await inRanks(launcher, program, [{ ranks: 3, args: ['fail', '60'] }]);
    assert.is.not(exitCode, 0);
    assert.ok(seconds < 30, `${seconds} s, not the timeout`);
    const [first, failed, last] = lines(stdout);
    assert.is(failed!.message, 'the disk of this rank is full');
    for (const each of [first, last]) {
      assert.equal(each!.ranks, [1]);
      assert.match(each!.message as string, /^rank 1 of 3 \(.*\) failed: the disk of this rank is full$/);
    }
  });

  test(`${launcher.name}: a rank that hangs is named in the others within the timeout`, async () => {
    const { exitCode, stdout, seconds } = await inRanks(launcher, program, [{ ranks: 3, args: ['hang', '2'] }]);
    assert.is.not(exitCode, 0);
    assert.ok(seconds < 30, `${seconds} s`);
    const all = lines(stdout);
    assert.equal(
      all.map(({ rank }) => rank),
      [0, 2],
    );
    for (const { name, message, ranks } of all) {
      assert.is(name, 'RankError');
      assert.equal(ranks, [1]);
      assert.match(message as string, /^rank 1 of 3 \(.*\) does not answer: it died or hangs\. .*waited 2 s/);
    }
  });

  if (launcher.keepsOthers) {
    test(`${launcher.name}: a rank killed with -9 is named in the others, also where the launcher lets them be`, async () => {
      const command = [...launcher.command, ...launcher.keepsOthers!];
      const { stdout, seconds } = await inRanks({ command }, program, [{ ranks: 3, args: ['kill', '2'] }]);
      assert.ok(seconds < 30, `${seconds} s`);
      const all = lines(stdout);
      assert.equal(
        all.map(({ rank, ranks }) => ({ rank, ranks })),
        [
          { rank: 0, ranks: [1] },
          { rank: 2, ranks: [1] },
        ],
      );
    });
  }

  if (launcher === last) {
    test(`${launcher.name}: synchronised batch norm gives the losses and statistics of one process`, async () => {
      const file = join(import.meta.dirname, 'normRank.ts');
      const [together, single] = await Promise.all([
        inRanks(launcher, file, [{ ranks: 2, args: [] }]),
        alone(file, []),
      ]);
      assert.is(together.exitCode, 0, together.stderr);
      assert.is(single.exitCode, 0, single.stderr);
      const [found, expected] = [together, single].map(({ stdout }) => lines(stdout)[0] as unknown as Trained);
      assert.is(found!.losses.length, 10);
      for (const [i, loss] of found!.losses.entries()) {
        assert.ok(Math.abs(loss / expected!.losses[i]! - 1) < 1e-5, `step ${i}: ${loss}, ${expected!.losses[i]}`);
      }
      for (const [name, values] of Object.entries(expected!.statistics)) {
        for (const [i, value] of values.entries()) {
          const other = found!.statistics[name]![i]!;
          assert.ok(Math.abs(other - value) < 1e-4 * Math.max(1, Math.abs(value)), `${name}[${i}]: ${other}, ${value}`);
        }
      }
    });
  }

  if (launcher === first) {
    test(`${launcher.name}: wgrad train gives the losses of one process with the summed batch`, async () => {
      const run = [
        'train',
        'lenet5',
        '--dataset',
        'glyphs',
        '--epochs',
        '1',
        '--limit',
        '325',
        '--seed',
        '4',
        '--json',
      ];
      const [together, single] = [join(temporary, `${launcher.name}-2`), join(temporary, `${launcher.name}-1`)];
      const inTwo = [...run, '--batch-size', '20', '--out', together];
      const ended = await inRanks(launcher, wgrad, [{ ranks: 2, args: inTwo }]);
      assert.is(ended.exitCode, 0, ended.stderr);
      const { exitCode, stderr } = await alone(wgrad, [...run, '--batch-size', '40', '--out', single]);
      assert.is(exitCode, 0, stderr);
      const [a, b] = [lossesOf(together), lossesOf(single)];
      assert.is(a.length, 9); // the last batch has 5 images, 3 and 2
      for (const [i, loss] of a.entries()) assert.ok(Math.abs(loss / b[i]! - 1) < 1e-5, `step ${i}: ${loss}, ${b[i]}`);
      assert.is(lines(ended.stdout).length, 1, 'rank 0 alone speaks');
      assert.ok(existsSync(join(together, 'report.html')));
    });
  }
}

test.run();
