// Clients of a service in a process of its own, as they would be; the service runs in this one.
import { glyphs, subset } from '../datasets/index.ts';
import { encodePng } from '../datasets/node/encodePng.ts';
import { startThread } from '../datasets/node/startThread.ts';
import { createDevice } from '../engine/node/createDevice.ts';
import { readSafetensors } from '../engine/serialization/index.ts';
import { createModel } from '../models/index.ts';
import { createService } from '../service/index.ts';
import { evaluate } from '../training/index.ts';

export interface LoadOptions {
  clients: number;
  seconds: number;
  model: string;
  /** Of a safetensors file. Default: random values. */
  weights?: Buffer | undefined;
}

export interface LoadCounts {
  right: number;
  wrong: number;
  /** 503 with Retry-After. */
  busy: number;
  failed: number;
  hostile: number;
  /** Of these, answered as if they were good. */
  hostileTaken: number;
}

/** What the clients are told, and what they tell. */
export interface ClientJob {
  readonly address: string;
  readonly clients: number;
  readonly seconds: number;
  readonly files: readonly Uint8Array[];
  /** Class of each, and the probability of it. */
  readonly expected: readonly { index: number; probability: number }[];
}

export interface ClientReport {
  readonly counts: LoadCounts;
  /** Of each request that was answered, milliseconds. */
  readonly latencies: Float64Array;
}

/** Different pictures. */
const PICTURES = 64;
const SIDE = 32;

export async function loadService({ clients, seconds, model: name, weights }: LoadOptions) {
  const digits = subset(
    glyphs({ train: false, count: PICTURES }),
    Array.from({ length: PICTURES }, (_, i) => i),
  );
  const inChannels = 3;
  const pictures = Array.from({ length: PICTURES }, (_, i) => coloured(digits.images.subarray(i * 784, (i + 1) * 784)));
  const preprocessing = { resize: SIDE, crop: SIDE, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const build = async (device: Awaited<ReturnType<typeof createDevice>>) => {
    const model = createModel(name, { numClasses: 10, inChannels }).to(device, { seed: 1 });
    if (weights) model.loadStateDict(readSafetensors(weights).tensors);
    return model.eval();
  };
  const expected = await direct();
  const service = await createService({
    ...{ model: name, open: createDevice, load: build, preprocessing, classes: digits.classes },
    limits: { maxQueue: 256, maxBatch: 32 },
  });
  const address = await service.listen({ port: 0 });
  const samples: { resident: number; gpu: number }[] = [];
  const timer = setInterval(async () => {
    const text = await service.metrics.registry.getSingleMetricAsString('wgrad_gpu_bytes');
    samples.push({ resident: process.memoryUsage().rss, gpu: Number(/wgrad_gpu_bytes (\d+)/.exec(text)![1]) });
  }, 1000);
  const { counts, latencies } = await clientsOf({
    ...{ address, clients, seconds, expected },
    files: pictures.map((data) => encodePng({ width: SIDE, height: SIDE, channels: 3, data })),
  });
  clearInterval(timer);
  const text = await service.metrics.registry.metrics();
  const number = (metric: string) => Number(new RegExp(`^${metric} (\\d+)`, 'm').exec(text)![1]);
  const adapter = service.adapterName;
  await service.close();
  const sorted = latencies.sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const [early, late] = [samples[Math.floor(samples.length / 4)], samples.at(-1)!];
  return {
    adapter,
    counts,
    requestsPerSecond: counts.right / seconds,
    imagesPerBatch: number('wgrad_images_total') / number('wgrad_batch_images_count'),
    latency: { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    memory: { resident: [early.resident, late.resident], gpu: [early.gpu, late.gpu] },
  };

  /** What the model answers without the service. */
  async function direct() {
    const device = await createDevice();
    const model = await build(device);
    const images = new Uint8Array(PICTURES * 3 * SIDE * SIDE);
    for (const [i, data] of pictures.entries()) {
      for (let c = 0; c < 3; c++) {
        for (let p = 0; p < SIDE * SIDE; p++) images[(i * 3 + c) * SIDE * SIDE + p] = data[3 * p + c];
      }
    }
    const dataset = {
      ...digits,
      images,
      shape: [3, SIDE, SIDE] as const,
      mean: preprocessing.mean,
      std: preprocessing.std,
    };
    const { predictions, probabilities } = await evaluate(model, device, dataset, { batchSize: 1 });
    device.destroy();
    return [...predictions].map((index, i) => ({ index, probability: probabilities[i] }));
  }
}

/** A digit in a corner of a coloured picture, [h, w, c]. */
function coloured(digit: Uint8Array): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(3 * SIDE * SIDE);
  for (const [i, level] of digit.entries()) {
    const at = 3 * ((Math.floor(i / 28) + 2) * SIDE + (i % 28) + 2);
    data.set([level, 255 - level, (level * 7) % 256], at);
  }
  return data;
}

function clientsOf(job: ClientJob): Promise<ClientReport> {
  const thread = startThread(new URL('./serviceClients', import.meta.url));
  return new Promise((resolve, reject) => {
    thread.on('message', (report: ClientReport) => {
      resolve(report);
      void thread.terminate();
    });
    thread.on('error', reject);
    thread.postMessage(job);
  });
}
