// Which files a run's data set needs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { datasetFacts } from '../../cli/datasetFacts.ts';
import { loadDatasets, loadTestSet } from '../../cli/loadDatasets.ts';
import { UsageError } from '../../cli/usageError.ts';
import { EMNIST_SPLITS } from '../../datasets/emnist.ts';
import { DatasetNotFoundError } from '../../datasets/node/index.ts';
import { DATASETS } from '../../training/runConfig.ts';
import { idxBytes } from '../datasets/idxFile.ts';
import { runWgrad } from './runWgrad.ts';

const test = suite('loadDatasets');
const root = mkdtempSync(join(tmpdir(), 'wgrad-sets-'));
test.before(() => {
  for (const file of ['data_batch_1.bin', 'data_batch_2.bin', 'test_batch.bin']) {
    writeFileSync(join(root, file), new Uint8Array(3073));
  }
});
test.after(() => rmSync(root, { recursive: true }));

test('a limit decides which of the training batches of CIFAR-10 are read', async () => {
  const warnings: string[] = [];
  for (const [limit, count] of [
    [1, 1],
    [10_000, 1],
    [10_001, 2],
    [20_000, 2],
  ]) {
    const config = { dataset: 'cifar10', data: root, limit } as const;
    const { trainSet, testSet } = await loadDatasets(config, { warn: (line) => warnings.push(line) });
    assert.equal([trainSet.count, testSet.count], [count, 1]);
  }
  assert.equal(warnings, []);
});

test('where training batches of CIFAR-10 are missing, those that are there are used, which is told', async () => {
  for (const [limit, wanted] of [
    [20_001, 20_001],
    [null, 50_000],
  ] as const) {
    const warnings: string[] = [];
    const config = { dataset: 'cifar10', data: root, limit } as const;
    const { trainSet } = await loadDatasets(config, { warn: (line) => warnings.push(line) });
    assert.is(trainSet.count, 2);
    assert.equal(warnings, [`cifar10: 2 of ${wanted} training images are here: batch 1, 2 of 5`]);
  }
  const config = { dataset: 'cifar10', data: join(root, 'nowhere'), limit: null } as const;
  const error = await loadDatasets(config).catch((thrown: Error) => thrown);
  assert.instance(error, DatasetNotFoundError);
});

test('a set that lies in files needs a folder, or to have been fetched', async () => {
  const before = process.env.WGRAD_HOME;
  process.env.WGRAD_HOME = join(root, 'home');
  try {
    for (const [dataset, set] of [
      ['mnist', 'mnist'],
      ['emnist-letters', 'emnist'],
      ['cifar10', 'cifar10'],
      ['cifar100-coarse', 'cifar100'],
    ] as const) {
      const error = await loadDatasets({ dataset, data: null, limit: null }).catch((thrown: Error) => thrown);
      assert.instance(error, UsageError);
      assert.ok((error as Error).message.endsWith(`or download them: wgrad fetch --dataset ${set}`));
    }
    mkdirSync(join(root, 'home/datasets'), { recursive: true });
    writeFileSync(join(root, 'home/datasets/test_batch.bin'), new Uint8Array(3073));
    assert.is((await loadTestSet({ dataset: 'cifar10', data: null })).count, 1);
  } finally {
    if (before === undefined) delete process.env.WGRAD_HOME;
    else process.env.WGRAD_HOME = before;
  }
  const { trainSet } = await loadDatasets({ dataset: 'glyphs', data: null, limit: null });
  assert.is(trainSet.name, 'glyphs');
});

test('every data set of a configuration is loaded under its name, with the classes that are known of it', async () => {
  const image = idxBytes([1, 28, 28]);
  const label = idxBytes([1]);
  label[8] = 1;
  const files: Record<string, Uint8Array> = {
    'cifar/train.bin': new Uint8Array(3074),
    'cifar/test.bin': new Uint8Array(3074),
  };
  for (const split of EMNIST_SPLITS) {
    for (const part of ['train', 'test']) {
      files[`emnist/emnist-${split}-${part}-images-idx3-ubyte`] = image;
      files[`emnist/emnist-${split}-${part}-labels-idx1-ubyte`] = label;
    }
  }
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
  for (const dataset of DATASETS.filter((name) => /^emnist|^cifar100/.test(name))) {
    const data = join(root, dataset.startsWith('emnist') ? 'emnist' : 'cifar');
    const { trainSet, testSet } = await loadDatasets({ dataset, data, limit: null });
    assert.equal([trainSet.name, testSet.name], [dataset, dataset]);
    const { classes, mean, std, size } = datasetFacts(dataset);
    assert.equal({ classes, mean, std }, { classes: testSet.classes, mean: testSet.mean, std: testSet.std });
    assert.is(size, testSet.shape[1]);
  }
});

test('wgrad fetch --dataset downloads the files of a set and prints their paths', async () => {
  const server = createServer((_, response) => response.writeHead(404).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const run = (...args: string[]) => runWgrad(['fetch', ...args, '--url', url], { cwd: root });
    const missing = await run('--dataset', 'emnist-letters', '--data', root);
    assert.is(missing.code, 1);
    assert.match(missing.stderr, `${url}/EMNIST/raw/gzip.zip: the server answered 404`);
    for (const args of [
      ['--dataset', 'imagenet'],
      ['resnet18', '--dataset', 'mnist'],
    ]) {
      assert.is((await run(...args)).code, 2, args.join(' '));
    }
  } finally {
    server.close();
  }
});

test.run();
