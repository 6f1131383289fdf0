// The fuzz of the readers, small: 20,000 inputs, those that once failed, and readers that are wrong on purpose.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FormatError } from '../../kernels/errors.ts';
import { inputsOf } from './readers/inputOf.ts';
import { minimise } from './readers/minimise.ts';
import { examineAll, replayFailures } from './readers/replay.ts';
import { countsByShare, runReader } from './readers/runReaders.ts';
import { MIB, type Target } from './readers/target.ts';
import { targetNamed, targets } from './readers/targets.ts';

const INPUTS = 20_000;
const SEED = 2026;
const regressions = join(import.meta.dirname, 'corpus', 'regressions');
const test = suite('readers under fuzz');

test('every seed is read or refused as promised, and each reader accepts one at least', async () => {
  for (const target of targets) {
    const examined = await examineAll(target, target.seeds());
    const problems = examined.flatMap(({ problem }) => problem ?? []);
    assert.equal(problems, [], target.name);
    assert.ok(
      examined.some(({ isAccepted }) => isAccepted),
      `${target.name} accepts none of its seeds`,
    );
  }
});

test(`${INPUTS} changed files are read or refused as promised`, async () => {
  for (const [name, count] of countsByShare(targets, INPUTS)) {
    const makeInput = inputsOf(targetNamed(name), SEED);
    const inputs = Array.from({ length: count }, (_, i) => makeInput(i));
    const examined = await examineAll(targetNamed(name), inputs);
    const problems = examined.flatMap(({ problem }, i) => (problem ? [`input ${i}: ${problem}`] : []));
    assert.equal(problems, [], name);
    assert.ok(
      examined.some(({ isAccepted }) => !isAccepted),
      `${name} refuses none of ${count}`,
    );
  }
});

test('inputs that once made a reader fail are read or refused as promised', async () => {
  const names = readdirSync(regressions).filter((name) => name.endsWith('.bin'));
  assert.ok(names.length > 0);
  const kept = names.map((name) => ({
    reader: name.split('--')[0]!.replaceAll('-', ' '),
    problem: name,
    input: readFileSync(join(regressions, name)).toString('base64'),
  }));
  const still = await replayFailures(kept);
  assert.equal(still, []);
});

test('an input is the same for the same seed and index, and another for another', () => {
  const target = targetNamed('pickle');
  const [one, same, other] = [inputsOf(target, 7), inputsOf(target, 7), inputsOf(target, 8)];
  for (const i of [0, 1, 1000]) assert.equal(one(i), same(i));
  assert.ok([0, 1, 2, 3].some((i) => Buffer.compare(one(i), other(i)) !== 0));
});

const wrongReaders: readonly [what: string, read: Target['read'], problem: RegExp][] = [
  [
    'throws another error',
    () => (undefined as unknown as Target).name,
    /^throws TypeError at readers\.test\.ts:\d+: Cannot read prop/,
  ],
  ['overflows the stack', () => JSON.stringify(JSON.parse('['.repeat(50_000) + ']'.repeat(50_000))), /RangeError/],
  ['allocates too much', () => new Uint8Array(300 * MIB).length, /allocates more than its bound/],
  ['asks for what no machine has', () => new Float64Array(2 ** 40), /throws RangeError|allocates more than its bound/],
  // biome-ignore lint/security/noGlobalEval: it is watched, and refuses
  ['runs text', () => globalThis.eval('1'), /runs something: eval/],
  ['changes its input', (bytes) => bytes.fill(1), /changes its input/],
  ['throws a text', () => Promise.reject('no'), /throws string/],
];
for (const [what, read, problem] of wrongReaders) {
  test(`a reader that ${what} is found`, async () => {
    const [examined] = await examineAll({ ...wrong, read }, [new Uint8Array(8)]);
    assert.match(examined!.problem ?? '', problem);
  });
}

test('a reader that changes the prototype of all objects is found', async () => {
  const read = () => Object.assign(Object.prototype, { polluted: 1 });
  const [examined] = await examineAll({ ...wrong, read }, [new Uint8Array(8)]);
  delete (Object.prototype as { polluted?: number }).polluted;
  assert.match(examined!.problem ?? '', /changes the prototype/);
});

test('a reader that takes more than a second is found, timed three times', async () => {
  let calls = 0;
  const read = () => {
    calls++;
    const [started, before] = [performance.now(), process.cpuUsage()];
    while (performance.now() - started < 1010 || process.cpuUsage(before).user < 1.01e6);
  };
  const [examined] = await examineAll({ ...wrong, read }, [new Uint8Array(8)]);
  assert.match(examined!.problem ?? '', /takes more than 1000 ms/);
  assert.is(calls, 3);
});

test('a thread does its inputs and counts them', async () => {
  const { accepted, refused, failures } = await runReader('idx', { inputs: 200, seed: SEED });
  assert.is(accepted + refused, 200);
  assert.equal(failures, []);
});

test('a thread that is stuck is ended, its input is told, and another goes on behind it', async () => {
  const result = await runReader('idx', { inputs: 20, seed: SEED, stuckMs: 2000, stuckAt: 7 });
  const { accepted, refused, failed, failures } = result;
  assert.equal([accepted + refused, failed], [19, 1]);
  assert.equal(
    failures.map(({ index, problem }) => [index, problem]),
    [[7, 'does not end within 2000 ms']],
  );
});

test('a failing input is made smaller for as long as it fails', async () => {
  const input = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  const smallest = await minimise(input, async (bytes) => bytes.includes(200));
  assert.equal(smallest, Uint8Array.of(200));
});

const wrong: Target = {
  name: 'wrong',
  seeds: () => [new Uint8Array(8)],
  mutators: [],
  read: () => undefined,
  refusals: [FormatError],
  bound: { base: 64 * MIB, perByte: 1 },
  share: 1,
};

test.run();
