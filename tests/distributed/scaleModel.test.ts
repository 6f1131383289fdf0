// The model that plans are made by.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  accumulationFor,
  allreduceSeconds,
  bestAllreduce,
  fitLink,
  predict,
  stopsPaying,
  type Workload,
} from '../../bench/scaleModel.ts';

const test = suite('scale model');
const link = { latency: 1e-5, bandwidth: 1e9 };

function near(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-9 * Math.max(1, Math.abs(expected)), `${found}, not ${expected}`);
}

test('allreduces cost what is counted by hand', () => {
  const bytes = 8e6;
  near(allreduceSeconds('ring', 4, bytes, link), 6 * 1e-5 + 6 * 2e-3);
  near(allreduceSeconds('halving', 4, bytes, link), 4 * 1e-5 + 6 * 2e-3);
  near(allreduceSeconds('doubling', 4, bytes, link), 2 * (1e-5 + 8e-3));
  for (const algorithm of ['ring', 'halving', 'doubling'] as const) {
    assert.is(allreduceSeconds(algorithm, 1, bytes, link), 0);
  }
});

test('few bytes want few messages, many bytes want to be cut', () => {
  assert.is(bestAllreduce(64, 8, link).algorithm, 'doubling');
  assert.is(bestAllreduce(64, 1e8, link).algorithm, 'halving');
});

test('a link is found again from times that follow the model', () => {
  for (const ranks of [2, 4, 8]) {
    const measured = [8, 1e4, 1e6, 1e7].map((bytes) => ({
      bytes,
      seconds: allreduceSeconds('halving', ranks, bytes, link),
    }));
    const found = fitLink(ranks, measured);
    assert.ok(Math.abs(found.latency / link.latency - 1) < 1e-6);
    assert.ok(Math.abs(found.bandwidth / link.bandwidth - 1) < 1e-6);
  }
  assert.throws(() => fitLink(2, [{ bytes: 8, seconds: 1 }]), /two sizes or more/);
});

const workload: Workload = { stepSeconds: 0.1, gradientBytes: 45e6, stagingSeconds: 0.01, overlap: 0, link };

test('a step of more ranks is longer by what the exchange exposes', () => {
  const { stepSeconds, efficiency, allreduceSeconds: summing } = predict(16, workload);
  near(stepSeconds, 0.1 + 0.01 + summing);
  near(efficiency, 0.1 / stepSeconds);
  assert.is(predict(1, workload).efficiency, 1);
  const hidden = predict(16, { ...workload, overlap: 1 });
  near(hidden.stepSeconds, 0.1 + 0.01 + summing - (2 / 3) * 0.1);
  assert.is(predict(16, { ...workload, overlap: 1, gradientBytes: 1e6 }).efficiency, 1);
});

test('it stops paying where the exchange is as long as the step', () => {
  assert.is(stopsPaying({ ...workload, gradientBytes: 1e6 }), undefined);
  const slow = { ...workload, link: { latency: 1e-3, bandwidth: 1e12 } }; // log2 p messages of a millisecond
  const end = stopsPaying({ ...slow, stagingSeconds: 0, stepSeconds: 0.011 })!;
  assert.is(end, 2048); // 11 messages
  assert.ok(predict(end / 2, { ...slow, stagingSeconds: 0, stepSeconds: 0.011 }).efficiency >= 0.5);
});

test('accumulated batches reach an efficiency, one fewer does not', () => {
  for (const wanted of [0.5, 0.8, 0.95]) {
    const batches = accumulationFor(wanted, 64, workload);
    const exposed = predict(64, workload).stepSeconds - workload.stepSeconds;
    const reached = (count: number) => (count * 0.1) / (count * 0.1 + exposed);
    assert.ok(reached(batches) >= wanted - 1e-12);
    if (batches > 1) assert.ok(reached(batches - 1) < wanted);
  }
});

test.run();
