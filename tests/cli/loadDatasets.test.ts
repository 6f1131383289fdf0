// Which files a run's data set needs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDatasets } from '../../cli/loadDatasets.ts';
import { UsageError } from '../../cli/usageError.ts';
import { DatasetNotFoundError } from '../../datasets/node/index.ts';

const test = suite('loadDatasets');
const root = mkdtempSync(join(tmpdir(), 'wgrad-sets-'));
test.before(() => {
  for (const file of ['data_batch_1.bin', 'data_batch_2.bin', 'test_batch.bin']) {
    writeFileSync(join(root, file), new Uint8Array(3073));
  }
});
test.after(() => rmSync(root, { recursive: true }));

test('a limit decides how many of the training batches of CIFAR-10 must be there', async () => {
  for (const [limit, count] of [
    [1, 1],
    [10_000, 1],
    [10_001, 2],
    [20_000, 2],
  ]) {
    const { trainSet, testSet } = await loadDatasets({ dataset: 'cifar10', data: root, limit });
    assert.equal([trainSet.count, testSet.count], [count, 1]);
  }
  for (const limit of [20_001, null]) {
    const error = await loadDatasets({ dataset: 'cifar10', data: root, limit }).catch((thrown: Error) => thrown);
    assert.instance(error, DatasetNotFoundError);
    assert.match((error as Error).message, /lacks data_batch_3\.bin[\s\S]*--limit 10000 needs data_batch_1\.bin alone/);
  }
});

test('a set that lies in files needs a folder', async () => {
  for (const dataset of ['mnist', 'cifar10', 'cifar100'] as const) {
    const error = await loadDatasets({ dataset, data: null, limit: null }).catch((thrown: Error) => thrown);
    assert.instance(error, UsageError);
  }
  const { trainSet } = await loadDatasets({ dataset: 'glyphs', data: null, limit: null });
  assert.is(trainSet.name, 'glyphs');
});

test.run();
