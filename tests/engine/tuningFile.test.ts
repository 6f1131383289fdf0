// The file that keeps a tuner's choices: bounded, beside those of other adapters, and replaced where it is damaged.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDevice } from '../../engine/node/createDevice.ts';
import { readTuning, tuningPath, writeTuning } from '../../engine/node/tuningFile.ts';
import { adapterKey, formatTuning, type TunedChoice, Tuner } from '../../engine/tune/index.ts';

const test = suite('tuning file');
const device = await createDevice();
const folder = mkdtempSync(join(tmpdir(), 'wgrad-tune-'));
test.after(() => rmSync(folder, { recursive: true }));

const choice = (variant: string | null): TunedChoice => ({ variant, times: { plain: 2, quick: 1, default: 2 } });

test('choices go to a file and come back, beside those of other adapters', () => {
  const path = join(folder, 'round.json');
  assert.is(readTuning(path, assert.unreachable).size, 0);
  const tuner = (adapter: string, key: string, variant: string | null) =>
    new Tuner({ mode: 'measure', adapter, choices: new Map([[key, choice(variant)]]) });
  writeTuning(path, { tuner: tuner('one', 'a', 'quick') });
  writeTuning(path, { tuner: tuner('two', 'a', null) });
  writeTuning(path, { tuner: tuner('one', 'b', null) });
  writeTuning(path, { tuner: null });
  const cache = readTuning(path, assert.unreachable);
  assert.equal([...cache.keys()].sort(), ['one', 'two']);
  assert.equal(
    [...cache.get('one')!],
    [
      ['a', choice('quick')],
      ['b', choice(null)],
    ],
  );
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith('round')),
    ['round.json'],
  );
});

test('createDevice reads the choices of its own adapter from WGRAD_HOME', async () => {
  const before = process.env.WGRAD_HOME;
  process.env.WGRAD_HOME = join(folder, 'home');
  try {
    const adapter = adapterKey(device);
    writeFileSync(
      tuningPath(),
      formatTuning(
        new Map([
          [adapter, new Map([['k', choice('quick')]])],
          ['other', new Map([['k', choice(null)]])],
        ]),
      ),
    );
    assert.is((await createDevice({ device: device.gpu })).tuner, null);
    const tuned = await createDevice({ device: device.gpu, tuning: 'cached' });
    assert.equal([...tuned.tuner!.choices], [['k', choice('quick')]]);
    assert.is(tuned.tuner!.adapter, adapter);
  } finally {
    if (before === undefined) delete process.env.WGRAD_HOME;
    else process.env.WGRAD_HOME = before;
  }
});

test('a damaged file is told of, counts as empty, and is replaced', () => {
  const good = { variant: null, times: { plain: 1 } };
  const file = (adapters: unknown, head: object = {}) =>
    JSON.stringify({ format: 'wgrad tuning', version: 1, adapters, ...head });
  const many = Object.fromEntries(Array.from({ length: 4097 }, (_, i) => [`k${i}`, good]));
  const cases: [string, string, RegExp][] = [
    ['cut', formatTuning(new Map()).slice(0, 20), /is no JSON/],
    ['empty', '', /is no JSON/],
    ['list', '[]', /is no 'wgrad tuning' file/],
    ['null', 'null', /is no 'wgrad tuning' file/],
    ['version', file({}, { version: 2 }), /has version 2; this program reads 1/],
    ['adapters', file([]), /adapters is no object/],
    ['choices', file({ a: 3 }), /adapters "a": is no object/],
    ['choice', file({ a: { k: null } }), /"k": is no choice with its times/],
    ['variant', file({ a: { k: { ...good, variant: 3 } } }), /variant is neither a name nor null/],
    ['times', file({ a: { k: { ...good, times: { plain: -1 } } } }), /times are no nanoseconds/],
    ['text', file({ a: { k: { ...good, times: { plain: '1' } } } }), /times are no nanoseconds/],
    ['key', file({ a: { ['k'.repeat(3000)]: good } }), /is longer than 2048 characters/],
    ['many', file({ a: many }), /holds more than 4096 choices/],
    ['large', `${' '.repeat(9 * 2 ** 20)}{}`, /has 9437186 bytes, more than/],
  ];
  for (const [name, text, message] of cases) {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, text);
    const told: string[] = [];
    assert.is(readTuning(path, (line) => told.push(line)).size, 0, name);
    assert.is(told.length, 1, name);
    assert.match(told[0], message);
    assert.ok(told[0].startsWith(path), told[0]);
    writeTuning(path, { tuner: new Tuner({ mode: 'measure', adapter: 'a', choices: new Map([['k', choice(null)]]) }) });
    assert.is(readTuning(path, assert.unreachable).get('a')!.size, 1);
  }
  const path = join(folder, 'folder.json');
  mkdirSync(path);
  const told: string[] = [];
  assert.is(readTuning(path, (line) => told.push(line)).size, 0);
  assert.match(told[0], /is no file/);
});

test('of too many choices the oldest are dropped', () => {
  const path = join(folder, 'bounded.json');
  const choices = new Map(Array.from({ length: 5000 }, (_, i) => [`k${i}`, choice(null)]));
  writeTuning(path, { tuner: new Tuner({ mode: 'measure', adapter: 'a', choices }) });
  const kept = [...readTuning(path, assert.unreachable).get('a')!.keys()];
  assert.is(kept.length, 4096);
  assert.is(kept.at(-1), 'k4999');
  assert.ok(readFileSync(path).length < 2 ** 20 * 8);
});
test.run();
