// What a service takes, and for how long it waits.
import { ShapeError } from '../kernels/errors.ts';

export interface ServiceLimits {
  /** Pictures that go through the model at once. Default 16. */
  maxBatch: number;
  /** How long the first picture of a batch waits for others, milliseconds. Default 5. */
  maxDelay: number;
  /** Requests that are under way, whatever they wait for; more get 503. Default 256. */
  maxQueue: number;
  /** Of a request's body. Default 10 MiB. */
  maxBytes: number;
  /** Of all bodies that are held at one time; more get 503. Default 256 MiB. */
  maxHeldBytes: number;
  /** Of a decoded picture. Default 2^25 (33 million). */
  maxPixels: number;
  /** Pictures in one request. Default 16. */
  maxFiles: number;
  /** Open connections; more are closed at once. Default 1024. */
  maxConnections: number;
  /** For receiving a request, milliseconds; slower ones get 408. Default 10,000. */
  bodyTimeout: number;
  /** From a request's last byte to its answer, milliseconds. Default 30,000. */
  requestTimeout: number;
  /** For decoding one picture, milliseconds. Default 10,000. */
  decodeTimeout: number;
  /** For connections that wait for a next request, milliseconds. Default 5,000. */
  keepAliveTimeout: number;
  /** Threads that decode pictures. Default: one less than there are cores, 1 at least. */
  decoders: number;
}

/** @param cores of the machine. @throws ShapeError for limits that are no positive numbers */
export function serviceLimits(given: Partial<ServiceLimits>, cores: number): ServiceLimits {
  const limits = {
    ...{ maxBatch: 16, maxDelay: 5, maxQueue: 256, maxBytes: 10 * 2 ** 20, maxPixels: 2 ** 25, maxFiles: 16 },
    ...{ maxHeldBytes: 256 * 2 ** 20, bodyTimeout: 10_000 },
    ...{ maxConnections: 1024, requestTimeout: 30_000, decodeTimeout: 10_000, keepAliveTimeout: 5_000 },
    decoders: Math.max(1, cores - 1),
    ...given,
  };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === 'maxDelay' ? 0 : 1;
    if (Number.isInteger(value) && value >= least) continue;
    throw new ShapeError(`createService: ${name} must be a whole number from ${least}, given ${value}`);
  }
  return limits;
}
