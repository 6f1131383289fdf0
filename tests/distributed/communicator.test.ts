// Ranks wait for each other with a bound, and errors name the one at fault.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkSame } from '../../training/distributed/identity.ts';
import { Communicator, RankError } from '../../training/distributed/index.ts';
import { MOST_TEXT } from '../../training/distributed/transport.ts';
import { inProcessRanks } from './inProcess.ts';

const test = suite('communicator');

function ranks(size: number, timeout = 5) {
  const transports = inProcessRanks(size);
  return { transports, all: transports.map((transport) => new Communicator(transport, { timeout })) };
}

test('sums are in place, several under way at once', async () => {
  const { all, transports } = ranks(3);
  const values = all.map((each) => [each.floats(4).fill(each.rank + 1), each.floats(2).fill(10 ** each.rank)] as const);
  await Promise.all(all.flatMap((each, i) => values[i]!.map((one) => each.sum(one, 'values'))));
  for (const [a, b] of values) {
    assert.equal([...a], [6, 6, 6, 6]);
    assert.equal([...b], [111, 111]);
  }
  for (const [i, each] of all.entries()) for (const one of values[i]!) each.release(one);
  for (const { memory } of transports) assert.is(memory.size, 0);
});

test('texts are gathered in the order of the ranks, empty ones too', async () => {
  const { all } = ranks(3);
  const texts = ['größer', '', 'x'.repeat(50)];
  for (const gathered of await Promise.all(all.map((each, i) => each.gather(texts[i]!, 'texts')))) {
    assert.equal(gathered, texts);
  }
});

test('the end waits for all', async () => {
  const { all, transports } = ranks(2);
  const first = all[0]!.leave();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.not(transports[0]!.hasLeft);
  await Promise.all([first, all[1]!.leave()]);
  assert.ok(transports.every(({ hasLeft }) => hasLeft));
});

test('a rank that never comes and does not answer is named in all others', async () => {
  const transports = inProcessRanks(3);
  // no communicator for rank 1: as after kill -9
  const alive = [0, 2].map((rank) => new Communicator(transports[rank]!, { timeout: 0.4 }));
  const started = performance.now();
  const errors = await Promise.all(alive.map((each) => each.sum(each.floats(1), 'gradients').catch((error) => error)));
  assert.ok(performance.now() - started < 3000, 'in bounded time');
  for (const error of errors) {
    assert.instance(error, RankError);
    assert.equal(error.ranks, [1]);
    assert.match(
      error.message,
      /^rank 1 of 3 does not answer: it died or hangs\. rank \d of 3 waited 0\.4 s for gradients/,
    );
  }
});

test('a rank that answers but is elsewhere is told apart from a dead one', async () => {
  const { all } = ranks(2, 0.8);
  all[1]!.isAt('evaluation');
  const error = await all[0]!.sum(all[0]!.floats(1), 'gradients').catch((failed) => failed);
  assert.instance(error, RankError);
  assert.equal(error.ranks, []);
  assert.match(error.message, 'all ranks answer (rank 1: evaluation)');
  assert.match(error.message, '--mpi-timeout');
});

test('a rank that fails is named at once, with its reason', async () => {
  const { all } = ranks(3, 60);
  const waiting = [0, 2].map((rank) => all[rank]!.sum(all[rank]!.floats(1), 'gradients').catch((error) => error));
  all[1]!.fail(`the disk is full ${'!'.repeat(5000)}`);
  for (const error of await Promise.all(waiting)) {
    assert.instance(error, RankError);
    assert.equal(error.ranks, [1]);
    assert.match(error.message, /^rank 1 of 3 failed: the disk is full !/);
    assert.ok(error.message.length < MOST_TEXT + 100);
  }
  const later = await all[0]!.total([1], 'more').catch((error) => error);
  assert.match(later.message, 'rank 1 of 3 failed');
});

test('the roll is called anew for each wait', async () => {
  const { all } = ranks(2, 0.8);
  const first = all[0]!.total([1], 'a slow step');
  await new Promise((resolve) => setTimeout(resolve, 600)); // past the roll call, before the end
  await Promise.all([first, all[1]!.total([1], 'a slow step')]);
  const error = await all[0]!.total([1], 'the next step').catch((failed) => failed);
  assert.match(error.message, 'waited 0.8 s for the next step');
});

test('a wait without the event loop is bounded, too', () => {
  const [transport] = inProcessRanks(2);
  const alone = new Communicator(transport!, { timeout: 0.3 });
  assert.throws(() => alone.sumNow(alone.floats(1), 'statistics'), /rank 1 of 2 does not answer/);
});

test('ranks that run something else are named, with what differs', async () => {
  const { all } = ranks(3);
  const facts = [
    { version: '1.0', model: 'lenet5' },
    { version: '1.0', model: 'lenet5' },
    { version: '1.1', model: 'vgg11' },
  ];
  const checks = all.map((each, i) => checkSame(each, facts[i]!, 'before the first step').catch((error) => error));
  for (const error of await Promise.all(checks)) {
    assert.instance(error, RankError);
    assert.equal(error.ranks, [2]);
    assert.match(error.message, 'rank 2 of 3 has another version: 1.1, not 1.0 as rank 0');
    assert.match(error.message, 'rank 2 of 3 has another model: vgg11, not lenet5 as rank 0');
  }
  await Promise.all(all.map((each) => checkSame(each, facts[0]!, 'again')));
});

test.run();
