// 200 clients for two minutes, hostile requests between them: no wrong answer, no failure, memory within bounds.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadService } from '../../bench/serviceLoadRun.ts';

const test = suite('service under load');
const SECONDS = Number(process.env.WGRAD_LOAD_SECONDS ?? 120);

test(`200 clients for ${SECONDS} seconds`, async () => {
  const { counts, memory, requestsPerSecond, latency } = await loadService({
    ...{ clients: 200, seconds: SECONDS, model: 'resnet20' },
  });
  console.log(`measured: ${requestsPerSecond.toFixed(1)} requests a second, p99 ${latency.p99.toFixed(0)} ms`);
  assert.ok(counts.right > 0);
  assert.is(counts.wrong, 0);
  assert.is(counts.failed, 0);
  assert.ok(counts.hostile > 0);
  assert.is(counts.hostileTaken, 0);
  assert.is(memory.gpu[1], memory.gpu[0]);
  assert.ok(memory.resident[1] < 1.25 * memory.resident[0], `${memory.resident}`);
});

test.run();
