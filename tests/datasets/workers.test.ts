import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Compose,
  type DataLoaderOptions,
  type Dataset,
  type ImageDataset,
  type LoaderWorker,
  Normalize,
  DataLoader as PortableLoader,
  RandomHorizontalFlip,
  RandomSampler,
  subset,
  ToTensor,
  type Transform,
} from '../../datasets/index.ts';
import { DataLoader } from '../../datasets/node/dataLoader.ts';
import { workerThread } from '../../datasets/node/workerThread.ts';
import { DisposedError, FormatError, ShapeError, WgradError } from '../../kernels/errors.ts';
import {
  absentImages,
  boundImages,
  boxedImages,
  damagedImages,
  endingImages,
  faultyImages,
  growingImages,
  hungryImages,
  numberedImages,
  shrinkingImages,
} from './workerSets.ts';

const augment = new Compose([
  new RandomHorizontalFlip(),
  new ToTensor(),
  new Normalize([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
]);

/** 8 KiB of images, so that they are shared. */
function inMemory(count = 40): Dataset {
  return {
    name: 'in memory',
    images: Uint8Array.from({ length: count * 205 }, (_, i) => (i * 7) % 253),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    ...{ count, shape: [1, 5, 41], classes: ['a', 'b', 'c'], mean: [0.4], std: [0.3] },
  };
}

/** Of everything two epochs hand out, in order. */
async function hashOf(dataset: Dataset | ImageDataset, options: Partial<DataLoaderOptions>): Promise<string> {
  await using loader = new DataLoader(dataset, {
    ...{ batchSize: 4, shuffle: true, seed: 5, persistentWorkers: true },
    ...options,
  });
  const hash = createHash('sha256');
  for (let epoch = 0; epoch < 2; epoch++) {
    for await (const { x, labels, indices, shape, index, epoch } of loader) {
      hash
        .update(x)
        .update(labels)
        .update(indices)
        .update(JSON.stringify([shape, index, epoch]));
    }
  }
  return hash.update(JSON.stringify([loader.bad, loader.badCount])).digest('hex');
}

/** The batches before the error, and the error. */
async function untilError(loader: PortableLoader): Promise<{ seen: number[]; error: Error }> {
  const seen: number[] = [];
  try {
    for await (const { index } of loader) seen.push(index);
  } catch (error) {
    return { seen, error: error as Error };
  }
  throw new Error(`no error in ${seen.length} batches`);
}

/** Worker threads that tell how many were started and ended, and what is under way in them. */
function watchedWorkers() {
  const counts = { started: 0, ended: 0, asked: 0, answered: 0, mostUnderWay: 0 };
  const createWorker = (): LoaderWorker => {
    const worker = workerThread();
    counts.started++;
    return {
      ...worker,
      post(message) {
        if ('job' in message) counts.asked++;
        counts.mostUnderWay = Math.max(counts.mostUnderWay, counts.asked - counts.answered);
        worker.post(message);
      },
      listen: ({ onMessage, onEnd }) =>
        worker.listen({
          onEnd,
          onMessage(message) {
            counts.answered++;
            onMessage(message);
          },
        }),
      async terminate() {
        await worker.terminate();
        counts.ended++;
      },
    };
  };
  return { counts, createWorker };
}

test('order and bytes are the same for 0, 1, 2 and 3 workers', async () => {
  const set = numberedImages(30);
  const hashes = new Set<string>();
  for (const workers of [0, 1, 2, 3]) {
    hashes.add(await hashOf(set, { workers, transform: augment, persistentWorkers: workers !== 1 }));
  }
  assert.is(hashes.size, 1);
  assert.is.not(await hashOf(set, { transform: augment, seed: 6 }), [...hashes][0]);
});

test('data in memory gives the same with workers, normalised alone or transformed', async () => {
  const transform = new Compose([new RandomHorizontalFlip(), new ToTensor()]);
  const dataset = inMemory();
  for (const options of [{}, { transform }]) {
    assert.is(await hashOf(dataset, { ...options, workers: 2 }), await hashOf(dataset, options));
  }
});

test('a subset, and samples drawn twice, are the same with workers', async () => {
  const part = subset(numberedImages(30), [3, 1, 29, 3, 17]);
  const options = {
    transform: augment,
    shuffle: false,
    sampler: new RandomSampler(5, { replacement: true, numSamples: 12 }),
  };
  assert.is(await hashOf(part, { ...options, workers: 1 }), await hashOf(part, options));
});

test('collate is given the same samples, of any shape and target, with and without workers', async () => {
  const collate = <T>(samples: readonly T[]) => ({ samples: structuredClone(samples) });
  for (const workers of [0, 1]) {
    const shapes: unknown[] = [];
    for await (const { samples } of new DataLoader(growingImages(5), { batchSize: 2, workers, collate })) {
      for (const { shape, data, index, target } of samples) shapes.push([...shape, data.length, index, target]);
    }
    assert.equal(
      shapes,
      [1, 2, 3, 4, 5].map((height, index) => [3, height, 5, 15 * height, index, index % 3]),
    );
    for await (const { labels } of new DataLoader(boxedImages(2), { batchSize: 2, workers })) {
      assert.equal(labels, [{ boxes: [0, 0.5] }, { boxes: [1, 1.5] }]);
    }
  }
});

test('what a worker throws surfaces in place of its batch, as the same kind of error', async () => {
  for (const workers of [0, 2]) {
    const damaged = await untilError(new DataLoader(damagedImages(20, [13, 9]), { batchSize: 2, workers }));
    assert.equal(damaged.seen, [0, 1, 2, 3]);
    assert.instance(damaged.error, FormatError);
    assert.is(damaged.error.name, 'PictureError');
    assert.is(damaged.error.message, 'picture-9.jpg: at byte 7: found 0, expected 255');
    const faulty = await untilError(new DataLoader(faultyImages(20, 3), { batchSize: 2, workers, skipBad: true }));
    assert.equal(faulty.seen, [0]);
    assert.instance(faulty.error, TypeError);
    assert.match(faulty.error.stack ?? '', /workerSets/);
    const uneven = await untilError(new DataLoader(growingImages(4), { batchSize: 2, workers }));
    assert.instance(uneven.error, ShapeError);
    assert.match(uneven.error.message, 'sample 1 is [3,2,5] but sample 0 of the same batch is [3,1,5]');
  }
});

test('a target that cannot leave its worker ends the loop with the reason', async () => {
  const loader = new DataLoader(boundImages(4), { batchSize: 2, workers: 1 });
  const next = loader[Symbol.asyncIterator]().next();
  await next.then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, 'could not be cloned'),
  );
});

test('skipBad leaves damaged samples out and lists them, the same with workers', async () => {
  const set = damagedImages(12, [1, 6, 7, 8, 11]);
  for (const workers of [0, 2]) {
    await using loader = new DataLoader(set, { batchSize: 3, workers, skipBad: true });
    const seen: [number, number[]][] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      for await (const { index, indices, shape, x } of loader) {
        assert.is(x.length, shape[0] * 60);
        if (epoch === 0) seen.push([index, [...indices]]);
      }
    }
    // batch 2 held nothing but damaged samples
    assert.equal(seen, [
      [0, [0, 2]],
      [1, [3, 4, 5]],
      [3, [9, 10]],
    ]);
    assert.is(loader.badCount, 10);
    assert.equal(
      loader.bad.map(({ index, record }) => [index, record]),
      [1, 6, 7, 8, 11].map((index) => [index, `damagedImages: sample ${index}`]),
    );
    assert.match(loader.bad[0]!.reason, 'picture-1.jpg: at byte 7');
  }
});

test('a worker that ends or runs out of memory ends the loop with an error that says so', async () => {
  const ended = await untilError(new DataLoader(endingImages(12, 7), { batchSize: 2, workers: 2 }));
  assert.instance(ended.error, WgradError);
  assert.match(ended.error.message, /^DataLoader: worker \d of 2 ended with exit code 3 while it made batch 3$/);
  assert.equal(ended.seen, [0, 1, 2]);

  const createWorker = () => workerThread({ resourceLimits: { maxOldGenerationSizeMb: 32 } });
  const hungry = await untilError(new DataLoader(hungryImages(4, 2), { batchSize: 1, workers: 1, createWorker }));
  assert.match(hungry.error.message, /worker 1 of 1 ended with exit code 1 \(.*memory.*\) while it made batch 2/);
  assert.equal(hungry.seen, [0, 1]);
});

test('after a worker has died the next loop starts new ones', async () => {
  const { counts, createWorker } = watchedWorkers();
  const options = { batchSize: 2, workers: 2, persistentWorkers: true, createWorker };
  await using loader = new DataLoader(endingImages(6, 5), options);
  await untilError(loader);
  assert.equal([counts.started, counts.ended], [2, 2]);
  for await (const { index } of loader) if (index === 1) break;
  assert.is(counts.started, 4);
});

test('a data set that a worker cannot open as here is refused, not read', async () => {
  const shorter = await untilError(new DataLoader(shrinkingImages(5), { batchSize: 2, workers: 1 }));
  assert.match(shorter.error.message, 'a worker found 4 samples in shrinkingImages where the loader found 5');
  const absent = await untilError(new DataLoader(absentImages(5), { batchSize: 2, workers: 1 }));
  assert.instance(absent.error, FormatError);
  const { source: _, ...homeless } = numberedImages(5);
  const unknown = { ...homeless, source: { module: import.meta.url, export: 'nothing', args: [] } };
  const unsendable = { ...homeless, source: { module: import.meta.url, export: 'nothing', args: [() => 1] } };
  const noFunction = await untilError(
    new DataLoader(
      { ...unknown, source: { ...unknown.source, module: new URL('./workerSets.ts', import.meta.url).href } },
      { batchSize: 2, workers: 1 },
    ),
  );
  assert.match(noFunction.error.message, 'exports no function nothing');
  const custom: Transform = { type: 'Mine', call: (x) => x, toJSON: () => ({ type: 'Mine' }) };
  const foreign = await untilError(new DataLoader(numberedImages(4), { batchSize: 2, workers: 1, transform: custom }));
  assert.instance(foreign.error, ShapeError);
  assert.match(foreign.error.message, 'Mine');
  const refusals: [() => unknown, string | RegExp][] = [
    [
      () => new DataLoader(homeless, { batchSize: 2, workers: 1 }),
      'workers cannot open numberedImages, for it has no source',
    ],
    [
      () => new DataLoader(numberedImages(4), { batchSize: 2, workers: 257 }),
      'workers must be an integer in 0..256, not 257',
    ],
    [
      () => new PortableLoader(numberedImages(4), { batchSize: 2, workers: 1 })[Symbol.asyncIterator](),
      "in Node import from 'wgrad/datasets/node' or 'wgrad/training/node'",
    ],
    [
      () => new DataLoader(unsendable, { batchSize: 2, workers: 1 })[Symbol.asyncIterator](),
      'numberedImages cannot be opened in a worker',
    ],
  ];
  for (const [act, message] of refusals) {
    assert.throws(act, (error: Error) => {
      assert.instance(error, ShapeError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('each worker has at most `prefetch` batches ahead, and one that is awaited', async () => {
  for (const prefetch of [0, 1, 3]) {
    const { counts, createWorker } = watchedWorkers();
    const loader = new DataLoader(numberedImages(80), { batchSize: 2, workers: 2, prefetch, createWorker });
    for await (const { index } of loader) {
      if (index > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.is(counts.asked, 1 + 2 * prefetch);
    }
    assert.ok(counts.mostUnderWay <= 1 + 2 * prefetch);
  }
});

test('workers end with the epoch, or are kept until the loader is closed', async () => {
  for (const persistentWorkers of [false, true]) {
    const { counts, createWorker } = watchedWorkers();
    const loader = new DataLoader(numberedImages(8), { batchSize: 2, workers: 1, persistentWorkers, createWorker });
    for (let epoch = 0; epoch < 2; epoch++) for await (const _ of loader);
    assert.equal([counts.started, counts.ended], persistentWorkers ? [1, 0] : [2, 2]);
    await loader.close();
    assert.is(counts.ended, counts.started);
    for await (const _ of loader); // it can be used again
    await loader.close();
    assert.is(counts.ended, counts.started);
  }
});

test('leaving the loop, an abort and close() end the workers', async () => {
  const { counts, createWorker } = watchedWorkers();
  const controller = new AbortController();
  const options = { batchSize: 2, workers: 2, createWorker };
  for await (const _ of new DataLoader(numberedImages(40), options)) break;
  assert.equal([counts.started, counts.ended], [2, 2]);

  const aborted = new DataLoader(numberedImages(40), {
    ...options,
    persistentWorkers: true,
    signal: controller.signal,
  });
  const seen: number[] = [];
  try {
    for await (const { index } of aborted) {
      seen.push(index);
      if (index === 1) controller.abort(new Error('enough'));
    }
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  }
  assert.equal(seen, [0, 1]);
  assert.equal([counts.started, counts.ended], [4, 4]);

  const closed = new DataLoader(numberedImages(40), options);
  const batches = closed[Symbol.asyncIterator]();
  const first = batches.next();
  await closed.close();
  await first.then(
    () => assert.unreachable(),
    (error) => assert.instance(error, DisposedError),
  );
  assert.equal(await batches.next(), { done: true, value: undefined });
  assert.equal([counts.started, counts.ended], [6, 6]);
});

test('an epoch goes on in the middle with workers, from a state that went through JSON', async () => {
  const options = { batchSize: 4, shuffle: true, seed: 2, transform: augment };
  const whole = new DataLoader(numberedImages(30), options);
  whole.epoch = 3;
  const expected: unknown[] = [];
  for await (const { index, x, indices } of whole) if (index >= 4) expected.push([x, indices]);
  const stopped = new DataLoader(numberedImages(30), { ...options, workers: 2 });
  stopped.epoch = 3;
  for await (const { index } of stopped) if (index === 3) break;
  const resumed = new DataLoader(numberedImages(30), { ...options, workers: 1 });
  resumed.loadState(JSON.parse(JSON.stringify(stopped.state())));
  const rest: unknown[] = [];
  for await (const { x, indices } of resumed) rest.push([x, indices]);
  assert.equal(rest, expected);
  assert.equal([resumed.epoch, resumed.startBatch], [4, 0]);
});

test('idle workers do not keep a process alive, whichever way its loops ended', async () => {
  const program = join(import.meta.dirname, 'workersLeftOpen.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program], { timeout: 60_000 });
  assert.is(stdout, 'kept after an epoch\nkept after leaving early\niterator dropped\n');
});

test.run();
