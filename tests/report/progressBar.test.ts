// The progress line with a clock and a stream of our own: what is written and how often.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatDuration, ProgressBar, type ProgressBarOptions } from '../../training/report/progressBar.ts';

const test = suite('progressBar');
const VALUES = { loss: 0.12344, accuracy: 0.97306, imagesPerSecond: 5234.4 };

test('a terminal line shows bar, loss, accuracy, images per second and time left', () => {
  const { bar, written, clock } = setUp({ isTTY: true, total: 100, label: 'epoch 1/3' });
  clock.ms = 20_000;
  bar.update(40, VALUES);
  const [line] = written;
  assert.match(
    line.replace('\x1b[K', '<clear>'),
    /^\repoch 1\/3 ━+─+ .*40 % {2}loss 0\.1234 {2}acc 97\.31 % {2}5234 img\/s {2}0:30 left<clear>$/,
  );
  const filled = line.match(/━/g)!.length;
  const empty = line.match(/─/g)!.length;
  assert.is(Math.round((10 * filled) / (filled + empty)), 4);
});

test('a terminal is redrawn at most ten times a second', () => {
  const { bar, written, clock } = setUp({ isTTY: true, total: 1000 });
  for (let step = 1; step <= 1000; step++) {
    clock.ms = step;
    bar.update(step);
  }
  assert.is(written.length, 10);
});

test('finish draws the last state and ends the line, once', () => {
  const { bar, written, clock } = setUp({ isTTY: true, total: 10 });
  bar.update(1);
  clock.ms = 65_000;
  bar.update(10);
  clock.ms = 65_001;
  bar.finish();
  bar.finish();
  bar.update(10);
  assert.match(written.at(-2)!, /100 % {2}took 1:05/);
  assert.is(written.at(-1), '\n');
  assert.is(written.filter((text) => text === '\n').length, 1);
});

test('a line never exceeds the terminal, however narrow', () => {
  for (const columns of [1, 10, 30, 60, 80, 200]) {
    const { bar, written } = setUp({ isTTY: true, total: 10, label: 'epoch 1/3' }, columns);
    bar.update(5, VALUES);
    const line = written[0].replace('\r', '').replace('\x1b[K', '');
    assert.ok(line.length < Math.max(2, columns), `${line.length} characters in ${columns} columns`);
    assert.is(/━/.test(line), columns >= 80, `a bar in ${columns} columns`);
  }
});

test('time left counts only the steps of this process when a run is resumed', () => {
  const { bar, written, clock } = setUp({ isTTY: true, total: 100, start: 90 });
  clock.ms = 5000;
  bar.update(95);
  assert.match(written[0], /0:05 left/);
});

test('elsewhere a plain line is written every 10 %', () => {
  const { bar, written } = setUp({ isTTY: false, total: 1000, label: 'epoch 1/3' });
  for (let step = 1; step <= 1000; step++) bar.update(step, VALUES);
  bar.finish();
  assert.is(written.length, 10);
  assert.match(written[0], /^epoch 1\/3 {2}10 % {2}loss 0\.1234 .*\n$/);
  assert.not.ok(written.some((text) => text.includes('\r') || text.includes('\x1b')));
});

test('elsewhere a plain line is written every 5 seconds when steps are slow', () => {
  const { bar, written, clock } = setUp({ isTTY: false, total: 1000 });
  for (let step = 1; step <= 20; step++) {
    clock.ms = step * 1000;
    bar.update(step);
  }
  assert.is(written.length, 4);
});

test('finish writes the last plain line only if it is not there yet', () => {
  const { bar, written } = setUp({ isTTY: false, total: 100 });
  bar.update(10);
  bar.update(13);
  bar.finish();
  assert.is(written.length, 2);
  assert.match(written[1], /13 %/);
});

test('quiet writes nothing', () => {
  for (const isTTY of [true, false]) {
    const { bar, written } = setUp({ isTTY, total: 2, quiet: true });
    bar.update(1);
    bar.update(2);
    bar.finish();
    assert.equal(written, []);
  }
});

test('durations read as clocks do', () => {
  assert.equal([0, 59.6, 754, 3723].map(formatDuration), ['0:00', '1:00', '12:34', '1:02:03']);
});

test.run();

function setUp(options: ProgressBarOptions, columns = 120) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const stream = { columns, write: (text: string) => written.push(text) };
  return { bar: new ProgressBar({ stream, now: () => clock.ms, ...options }), written, clock };
}
