// A model as an HTTP service: pictures in, classes out.
import { availableParallelism } from 'node:os';
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import type { Device } from '../engine/device.ts';
import type { AnyModule } from '../engine/nn/module.ts';
import { AdapterError, DeviceLostError, OutOfMemoryError, ShapeError } from '../kernels/errors.ts';
import { type Classification, topClasses } from '../training/topClasses.ts';
import { Batcher } from './batcher.ts';
import { Bodies } from './bodies.ts';
import { Classifier } from './classifier.ts';
import { DecodePool } from './decodePool.ts';
import { createApp } from './http.ts';
import { type ServiceLimits, serviceLimits } from './limits.ts';
import { Metrics } from './metrics.ts';
import { ServiceError } from './serviceError.ts';

export interface ServiceOptions {
  /** What answers call the model. */
  model: string;
  /** Opens a device: at the start, and again when one was lost. */
  open: () => Promise<Device>;
  /** The model on that device, in inference mode, with its weights; the service disposes of it. */
  load: (device: Device) => Promise<AnyModule>;
  /** How pictures are prepared; with a crop, or a size of two numbers, so that all have one shape. */
  preprocessing: Preprocessing;
  /** Names of the classes, in the order of the logits. */
  classes: readonly string[];
  limits?: Partial<ServiceLimits>;
  /** Told of device losses and of errors that are the service's own. Default: stderr. */
  log?: (line: string) => void;
}

export interface ListenOptions {
  /** Default 127.0.0.1: this machine alone. */
  host?: string;
  /** Default 8080; 0 takes a free one. */
  port?: number;
}

export interface ClassifiedImage {
  /** Of the file, where the request names it. */
  name: string;
  /** The most probable first. */
  top: Classification[];
}

/**
 * A service that is warm: its kernels are compiled for every size of batch.
 * @throws ShapeError for limits and preprocessing that do not fit; what `open` and `load` throw
 */
export async function createService(options: ServiceOptions): Promise<Service> {
  const limits = serviceLimits(options.limits ?? {}, availableParallelism());
  const shape = pictureShape(options.preprocessing);
  return Service.open(options, limits, shape);
}

/** Made by `createService`. */
export class Service {
  readonly options: ServiceOptions;
  readonly limits: ServiceLimits;
  /** [c, h, w] of what the model reads. */
  readonly shape: readonly [number, number, number];
  readonly metrics: Metrics;
  readonly bodies: Bodies;
  /** Classification requests that wait for their answer. */
  underWay = 0;
  readonly #classifier: Classifier;
  readonly #decoders: DecodePool;
  readonly #batcher: Batcher<Float32Array, Float32Array>;
  readonly #app: ReturnType<typeof createApp>;
  #isDraining = false;
  /** Pictures a second of late. */
  #throughput = 10;

  private constructor(options: ServiceOptions, limits: ServiceLimits, shape: Service['shape'], classifier: Classifier) {
    this.options = options;
    this.limits = limits;
    this.shape = shape;
    this.#classifier = classifier;
    this.bodies = new Bodies(limits);
    const readings = {
      underWay: () => this.underWay,
      heldBytes: () => this.bodies.held,
      gpuBytes: () => this.#classifier.device.memory().bytes,
      isReady: () => this.isReady,
    };
    this.metrics = new Metrics(readings, limits.maxBatch);
    const { preprocessing } = options;
    const { decoders: threads, maxPixels, decodeTimeout: timeout } = limits;
    this.#decoders = new DecodePool({ threads, preprocessing, maxPixels, timeout });
    this.#batcher = new Batcher({ run: (inputs) => this.#infer(inputs), ...limits });
    this.#app = createApp(this);
  }

  /** @internal */
  static async open(options: ServiceOptions, limits: ServiceLimits, shape: Service['shape']): Promise<Service> {
    const { open, load, classes, log = (line: string) => process.stderr.write(`${line}\n`) } = options;
    let service: Service | undefined;
    const classifier = await Classifier.open({
      ...{ open, load, shape, classes: classes.length, maxBatch: limits.maxBatch },
      onLoss: (error) => {
        service?.metrics.losses.inc();
        log(`${error.message}; opening another`);
      },
    });
    service = new Service({ ...options, log }, limits, shape, classifier);
    return service;
  }

  get adapterName(): string {
    return this.#classifier.device.adapterName;
  }

  /** Whether requests are taken now. */
  get isReady(): boolean {
    return this.#classifier.isReady && !this.#isDraining;
  }

  /** Begins to take requests. @returns where: `http://127.0.0.1:8080`. @throws Error of the system, such as EADDRINUSE */
  listen({ host = '127.0.0.1', port = 8080 }: ListenOptions = {}): Promise<string> {
    return this.#app.listen({ host, port });
  }

  /**
   * Takes no more requests, answers those that it took, and lets go of threads and device.
   * @param timeout milliseconds after which those that are left are dropped. Default 10,000
   */
  async close({ timeout = 10_000 }: { timeout?: number } = {}): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const closed = this.#app.close();
    const timer = setTimeout(() => this.#app.server.closeAllConnections(), timeout);
    await closed;
    clearTimeout(timer);
    await this.#decoders.close();
    this.#classifier.dispose();
  }

  /** @throws ServiceError 503 where no more requests are taken */
  admit(): void {
    if (this.#isDraining) throw new ServiceError(503, 'closing', 'the service is closing', { retryAfter: 5 });
    if (this.underWay >= this.limits.maxQueue) {
      const message = `${this.underWay} requests are under way, and no more are taken`;
      throw new ServiceError(503, 'queue_full', message, { retryAfter: this.retryAfter });
    }
  }

  /** Seconds until those that are under way will be answered, as far as one can tell. */
  get retryAfter(): number {
    return Math.min(60, Math.max(1, Math.ceil(this.underWay / this.#throughput)));
  }

  /**
   * @param images bytes of JPEG or PNG files
   * @throws ServiceError, FormatError, ShapeError for what cannot be classified
   */
  async classify(
    images: readonly { name: string; bytes: Uint8Array }[],
    { top, signal }: { top: number; signal: AbortSignal },
  ): Promise<ClassifiedImage[]> {
    return Promise.all(
      images.map(async ({ name, bytes }) => {
        const decoded = this.metrics.decoding.startTimer();
        const input = await this.#decoders.decode(bytes, name, signal);
        decoded();
        const logits = await this.#batcher.submit(input, signal);
        return { name, top: topClasses(logits, { names: this.options.classes, top }) };
      }),
    );
  }

  async #infer(inputs: readonly Float32Array[]): Promise<readonly Float32Array[]> {
    const started = performance.now();
    try {
      const logits = await this.#classifier.logits(inputs);
      const seconds = (performance.now() - started) / 1000;
      this.metrics.inference.observe(seconds);
      this.metrics.batch.observe(inputs.length);
      this.metrics.images.inc(inputs.length);
      this.#throughput += 0.1 * (inputs.length / seconds - this.#throughput);
      return logits;
    } catch (error) {
      if (![DeviceLostError, AdapterError, OutOfMemoryError].some((type) => error instanceof type)) throw error;
      throw new ServiceError(503, 'device', (error as Error).message, { retryAfter: 10, cause: error });
    }
  }
}

/** @throws ShapeError where pictures of different shapes would come out */
function pictureShape({ resize, crop, mean }: Preprocessing): [number, number, number] {
  const size = crop ?? (typeof resize === 'object' ? resize : undefined);
  if (size === undefined) {
    throw new ShapeError(
      'createService: preprocessing must give all pictures one shape: by crop, or by resize to [height, width]',
    );
  }
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  return [mean.length, height, width];
}
