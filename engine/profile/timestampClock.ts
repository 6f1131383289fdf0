// Timestamp queries at both ends of each dispatch's pass, collected on the GPU and read at the end.
// Dawn rounds timestamps to 100 µs unless created with 'disable-dawn-features=timestamp_quantization'.
import type { Clock, Span } from './clock.ts';

/** WebGPU's limit of a query set, and two for each of the dispatches that the recorder submits together at most. */
const QUERIES = 4096;
const BYTES = 8;

export class TimestampClock implements Clock {
  readonly kind = 'timestamps';
  readonly #gpu: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #submitted: GPUBuffer[] = [];
  #used = 0;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    this.#queries = gpu.createQuerySet({ label: 'profile', type: 'timestamp', count: QUERIES });
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    this.#resolved = gpu.createBuffer({ label: 'profile', size: QUERIES * BYTES, usage });
  }

  dispatches(): GPUComputePassDescriptor {
    const [begin, end] = [this.#used++, this.#used++];
    const timestampWrites = { querySet: this.#queries, beginningOfPassWriteIndex: begin, endOfPassWriteIndex: end };
    return { timestampWrites };
  }

  submits(encoder: GPUCommandEncoder): void {
    if (!this.#used) return;
    const size = this.#used * BYTES;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = this.#gpu.createBuffer({ label: 'profile', size, usage });
    encoder.resolveQuerySet(this.#queries, 0, this.#used, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, staging, 0, size);
    this.#submitted.push(staging);
    this.#used = 0;
  }

  async read(): Promise<Span[]> {
    const spans: Span[] = [];
    for (const staging of this.#submitted.splice(0)) {
      await staging.mapAsync(GPUMapMode.READ);
      const times = new BigUint64Array(staging.getMappedRange());
      for (let i = 0; i < times.length; i += 2) spans.push({ start: Number(times[i]), end: Number(times[i + 1]) });
      staging.destroy();
    }
    return spans;
  }

  destroy(): void {
    for (const staging of this.#submitted) staging.destroy();
    this.#queries.destroy();
    this.#resolved.destroy();
  }
}
