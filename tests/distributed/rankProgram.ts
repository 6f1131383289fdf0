// What the tests of MPI run in every rank: `rankProgram.ts CASE [TIMEOUT]`. Prints lines of JSON.
import { joinRanks } from '../../training/node/mpi/index.ts';

const [what, timeout = '20'] = process.argv.slice(2);
const { communicator, localRank, version } = (await joinRanks({ timeout: Number(timeout) }))!;
const { rank, size } = communicator;
const say = (value: object) => process.stdout.write(`${JSON.stringify({ rank, ...value })}\n`);

try {
  if (what === 'sums') await sums();
  if (what === 'fail' && rank === 1) throw new Error('the disk of this rank is full');
  // alive for the launcher, but its event loop does not turn any more
  if (what === 'hang' && rank === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (what === 'kill' && rank === 1) process.kill(process.pid, 'SIGKILL');
  if (what !== 'sums') {
    communicator.isAt('step 7');
    await communicator.sum(communicator.floats(1000), 'the gradients of step 7');
  }
  await communicator.leave();
} catch (error) {
  const { name, message, ranks } = error as Error & { ranks?: number[] };
  if (name !== 'RankError') communicator.fail(message);
  say({ name, message, ranks });
  setTimeout(() => communicator.abort(3), 3000); // so that the others too can say why they stop
}

async function sums(): Promise<void> {
  const values = communicator.floats(300_007);
  for (let i = 0; i < values.length; i++) values[i] = i % 1000;
  const small = communicator.floats(3).fill(rank);
  await Promise.all([communicator.sum(values, 'many'), communicator.sum(small, 'few')]);
  const wrong = values.findIndex((value, i) => value !== (i % 1000) * size);
  const exact = await communicator.total([2 ** 40 + rank, 0.5], 'in float64');
  const names = await communicator.gather(`rank ${rank}`, 'names');
  const now = communicator.floats(2).fill(1);
  communicator.sumNow(now, 'at once');
  say({ size, localRank, version, wrong, few: [...small], exact: [...exact], names, now: [...now] });
}
