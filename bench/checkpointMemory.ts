// How much host memory loading a VGG-16 checkpoint takes (138 million weights, 553 MB), as a multiple of the file: for
// `loadCheckpoint(path)`, and for `loadWeights` into a model without a device. Each runs in a process of its own.
//   npx tsx bench/checkpointMemory.ts            both ways for both formats; fails above 1.3
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnedTensor } from '../engine/nn/parameter.ts';
import { loadCheckpoint, openCheckpoint } from '../engine/node/checkpoint.ts';
import { writeCheckpoint } from '../engine/node/writeCheckpoint.ts';
import { loadWeights } from '../engine/serialization/index.ts';
import { createModel } from '../models/index.ts';

const LIMIT = 1.3;
const MODEL = 'vgg16';
const LOADERS: Readonly<Record<string, (path: string) => Promise<() => Promise<unknown>>>> = {
  loadCheckpoint: async (path) => () => loadCheckpoint(path),
  loadWeights: async (path) => {
    const model = createModel(MODEL);
    return async () => {
      const file = await openCheckpoint(path);
      await loadWeights(model, file);
      await file.close();
      return model;
    };
  },
};

interface Measured {
  readonly peakBytes: number;
  readonly seconds: number;
}

const [loader, path] = process.argv.slice(2);
if (loader) process.send?.(await measure(loader, path));
else await compare();

/** In the parent: writes the files, and starts a process for each measurement. */
async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
  try {
    for (const ending of ['pth', 'safetensors']) {
      const file = join(folder, `${MODEL}.${ending}`);
      await writeCheckpoint(file, formulaWeights());
      const fileBytes = statSync(file).size;
      for (const name of Object.keys(LOADERS)) {
        const { peakBytes, seconds } = await inProcess(name, file);
        const ratio = peakBytes / fileBytes;
        console.log(
          `${name.padEnd(14)} ${ending.padEnd(11)} file ${megabytes(fileBytes)}  peak ${megabytes(peakBytes)}  ` +
            `${ratio.toFixed(3)} x the file  ${seconds.toFixed(1)} s`,
        );
        if (ratio > LIMIT) process.exitCode = 1;
      }
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** In the child: the highest resident memory there was, beyond what the process had just before loading. */
async function measure(name: string, file: string): Promise<Measured> {
  const load = await LOADERS[name](file);
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const loaded = await load();
  const seconds = (performance.now() - start) / 1000;
  if (!loaded) throw new Error(`${name} loaded nothing`); // also keeps the result alive up to here
  return { peakBytes: process.resourceUsage().maxRSS * 1024 - before, seconds };
}

function inProcess(name: string, file: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [name, file]);
    child.once('message', (message) => resolve(message as Measured));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
}

/** The model's tensors, each made when it is written: value i is a fraction that i decides. */
function formulaWeights() {
  const owned = createModel(MODEL)
    .state()
    .filter((entry): entry is [string, OwnedTensor] => entry[1] instanceof OwnedTensor);
  return new Map(
    owned.map(([name, { shape, size }]) => {
      const readBytes = async () => {
        const values = new Float32Array(size);
        for (let i = 0; i < size; i++) values[i] = ((i * 7919) % 2003) / 2003 - 0.5;
        return new Uint8Array(values.buffer);
      };
      return [name, { dtype: 'float32' as const, shape, readBytes }];
    }),
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`.padStart(9);
}
