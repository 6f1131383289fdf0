// The command's options, its table and page, and one small operation through all of it with wgrad alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { adapterText } from '../../bench/suite/adapterText.ts';
import { Contender } from '../../bench/suite/contender.ts';
import { choosePeers } from '../../bench/suite/contenders.ts';
import { checkedProblem, measureRow } from '../../bench/suite/measureRow.ts';
import { writeSuiteReport } from '../../bench/suite/suiteReport.ts';
import { chooseWorkloads } from '../../bench/suite/suites.ts';
import { rowLine, suiteTable } from '../../bench/suite/suiteTable.ts';
import { verdict } from '../../bench/suite/verdict.ts';
import { benchCommand } from '../../cli/bench.ts';
import { openAdapter } from '../../engine/node/adapters.ts';
import { WgradError } from '../../kernels/errors.ts';
import { contender, results, row } from './fixtures.ts';

const test = suite('bench/suite');

test('ids are unique in every suite, and quick runs have the same ones', () => {
  for (const isQuick of [false, true]) {
    const ids = chooseWorkloads('all', { isQuick }).timed.map(({ id }) => id);
    assert.is(new Set(ids).size, ids.length);
  }
  const ids = (isQuick: boolean) => chooseWorkloads('ops', { isQuick }).timed.map(({ id }) => id);
  assert.equal(ids(true), ids(false));
  assert.is(ids(false).length, 17);
});

test('--only takes parts of ids, and a part of none is refused with the ids there are', () => {
  const { timed } = chooseWorkloads('ops', { only: 'matmul, conv7x7' });
  assert.equal(
    timed.map(({ id }) => id),
    ['matmul-512', 'matmul-1024', 'conv7x7-3-forward', 'conv7x7-3-training'],
  );
  for (const only of ['matmul,cnov', '', 'matmul,'])
    assert.throws(
      () => chooseWorkloads('ops', { only }),
      (error: unknown) => error instanceof WgradError && /--only: .*matmul-512/.test(error.message),
    );
});

test('--against: unknown names and absent peers are refused with what can be done', () => {
  assert.equal(choosePeers('none'), []);
  assert.equal(choosePeers('torch,torch', { WGRAD_PYTHON: '/some/python' }), ['torch']);
  const refused = (list: string, message: RegExp) =>
    assert.throws(
      () => choosePeers(list, {}),
      (error: unknown) => error instanceof WgradError && message.test(error.message),
    );
  refused('tfjs,keras', /"keras" is none of tfjs, jax-js, torch/);
  refused('wgrad', /"wgrad" is none of/);
  refused('torch', /set WGRAD_PYTHON/);
});

test('the command refuses a suite nobody has, and rounds that are no count', async () => {
  const run = async (...words: string[]) => {
    const command = benchCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    await command.parseAsync(words, { from: 'user' });
  };
  for (const words of [['everything'], ['ops', '--rounds', '0'], ['ops', '--rounds', 'NaN'], ['ops', '--steps', '1']]) {
    let refused = false;
    await run(...words).catch((error) => {
      refused = /^commander\./.test(error.code);
    });
    assert.ok(refused, words.join(' '));
  }
});

test('the table shows medians, spread and ratio, and a wrong peer with its reason and no time', () => {
  const tfjs = contender('tfjs', [30, 20, 25]);
  const jax = contender('jax-js', [], { wrong: 'y is zero everywhere' });
  const one = row('a', contender('wgrad', [10, 10.5, 9.5]), tfjs, jax);
  const text = suiteTable(results([one]));
  assert.match(text, /row a +10\.0 ±5% +25\.0 ±20% +2\.50x +WRONG/);
  assert.match(text, /WRONG: jax-js, row a: y is zero everywhere/);
  assert.is(rowLine(one), 'row a: wgrad 10.0 ±5%, tfjs 25.0 ±20% 2.50x, jax-js WRONG');
});

test('the page holds the charts and tables and fetches nothing, and the JSON lies beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
  try {
    const given = results([row('<b>', contender('wgrad', [1, 2]), contender('tfjs', [3, 4]))]);
    await writeSuiteReport(join(folder, 'new'), given);
    const page = readFileSync(join(folder, 'new/index.html'), 'utf8');
    assert.is(page.match(/data:image\/svg/g)!.length, 2);
    assert.ok(page.includes('&lt;b&gt;') && !page.includes('row <b>'));
    assert.equal(JSON.parse(readFileSync(join(folder, 'new/bench.json'), 'utf8')), given);
    await writeSuiteReport(join(folder, 'empty'), results([row('a', contender('wgrad', [], { wrong: 'zeros' }))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const quick = chooseWorkloads('ops', { isQuick: true, only: 'matmul-512' }).timed[0];

test('wgrad is asked over the protocol, answers what the reference says, and counts its buffers', async () => {
  const { environment } = await openAdapter();
  const { problem, expected } = checkedProblem(quick);
  const one = new Contender('wgrad', { environment, isCold: true });
  try {
    const early = await one.time(1).catch((error: Error) => error);
    assert.match((early as Error).message, /time before prepare/);
    const prepared = await one.prepare(problem);
    assert.is(verdict(prepared, { workload: quick, expected, probes: problem.probes }), undefined);
    assert.is(prepared.gpuErrors, 0);
    assert.ok(prepared.firstMs > 0 && prepared.memory!.buffers > 0);
    const { msPerRun, memory } = await one.time(2);
    assert.ok(msPerRun > 0);
    assert.is((await one.time(2)).memory!.buffers, memory!.buffers);
  } finally {
    await one.quit();
  }
  const late = await one.time(1).catch((error: Error) => error);
  assert.match((late as Error).message, /its process ended/);
});

test('a row has a time for each round, and none for a contender on another adapter', async () => {
  const found = await openAdapter();
  const options = { names: ['wgrad'], rounds: 2, roundMs: 1, environment: found.environment } as const;
  const right = await measureRow(quick, { ...options, adapter: adapterText(found.info) });
  assert.is(right.contenders[0].wrong, undefined);
  assert.is(right.contenders[0].ms.length, 2);
  const elsewhere = await measureRow(quick, { ...options, adapter: 'another one' });
  assert.equal(elsewhere.contenders[0].ms, []);
  assert.match(elsewhere.contenders[0].wrong!, /instead of another one/);
});

test.run();
