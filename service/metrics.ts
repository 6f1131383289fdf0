// What a service counts, for Prometheus.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Read when somebody asks for the metrics. */
export interface Readings {
  underWay(): number;
  heldBytes(): number;
  gpuBytes(): number;
  isReady(): boolean;
}

/** Seconds, from a millisecond to half a minute. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class Metrics {
  readonly registry = new Registry();
  readonly requests: Counter<'route' | 'status'>;
  readonly latency: Histogram;
  readonly decoding: Histogram;
  readonly inference: Histogram;
  readonly batch: Histogram;
  readonly images: Counter;
  readonly losses: Counter;

  constructor({ underWay, heldBytes, gpuBytes, isReady }: Readings, maxBatch: number) {
    const registers = [this.registry];
    const seconds = (name: string, help: string) => new Histogram({ name, help, buckets: SECONDS, registers });
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(read());
        },
      });
    this.requests = new Counter({
      name: 'wgrad_requests_total',
      help: 'Requests answered, by route and HTTP status',
      labelNames: ['route', 'status'],
      registers,
    });
    this.latency = seconds('wgrad_classify_seconds', 'From the first byte of a classification request to its answer');
    this.decoding = seconds('wgrad_decode_seconds', 'Decoding and preparing one picture, waiting included');
    this.inference = seconds('wgrad_inference_seconds', 'One batch through the model');
    this.batch = new Histogram({
      name: 'wgrad_batch_images',
      help: 'Pictures in a batch',
      buckets: Array.from({ length: Math.ceil(Math.log2(maxBatch)) + 1 }, (_, i) => Math.min(2 ** i, maxBatch)),
      registers,
    });
    this.images = new Counter({ name: 'wgrad_images_total', help: 'Pictures classified', registers });
    this.losses = new Counter({ name: 'wgrad_device_losses_total', help: 'GPU devices lost and replaced', registers });
    gauge('wgrad_requests_under_way', 'Classification requests that wait for their answer', underWay);
    gauge('wgrad_held_bytes', 'Bytes of request bodies in memory', heldBytes);
    gauge('wgrad_gpu_bytes', 'Bytes of GPU buffers in use', gpuBytes);
    gauge('wgrad_ready', '1 where requests are taken', () => Number(isReady()));
    collectDefaultMetrics({ register: this.registry });
  }
}
