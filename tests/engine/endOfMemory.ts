// Memory that ends where a test wants it to.
import type { Device } from '../../engine/device.ts';
import { crossEntropy } from '../../engine/functional/index.ts';
import { BatchNorm2d, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '../../engine/nn/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { OutOfMemoryError } from '../../kernels/errors.ts';

/** The engine's allocations fail at the given one, counted from 1; Infinity: never. @returns how many there were */
export function failAt(device: Device, allocation: number, fn: () => unknown): number {
  let count = 0;
  device.allocateBytes = (request) => {
    if (++count === allocation) throw new OutOfMemoryError(`injected: ${request.what}`, { requested: request });
    return Object.getPrototypeOf(device).allocateBytes.call(device, request);
  };
  try {
    fn();
  } finally {
    Reflect.deleteProperty(device, 'allocateBytes');
  }
  return count;
}

/** Calls `fn` once for each of its allocations, which fails, and `check` after each. @returns how many there were */
export function failAtEach(device: Device, fn: () => unknown, check: (allocation: number) => void): number {
  for (let allocation = 1; ; allocation++) {
    try {
      failAt(device, allocation, fn);
      return allocation - 1; // it got by
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      check(allocation);
    }
  }
}

/** With one layer of each kind that keeps something for its backward pass. */
export function smallNet(device: Device): Sequential {
  return new Sequential(
    new Conv2d(1, 4, 3),
    new BatchNorm2d(4),
    new ReLU(),
    new MaxPool2d(2),
    new Dropout(0.25),
    new Flatten(),
    new Linear(4 * 7 * 7, 10),
  ).to(device, { seed: 1 });
}

/** Images `[n, 1, 16, 16]` and labels `[n]`, the same for the same `n`. */
export function batch(device: Device, n: number): { x: Tensor; labels: Tensor } {
  const values = Float32Array.from({ length: n * 256 }, (_, i) => Math.sin(i * 0.7));
  const classes = Uint32Array.from({ length: n }, (_, i) => i % 10);
  return { x: device.tensor(values, [n, 1, 16, 16]), labels: device.tensor(classes) };
}

export function lossOf(model: Sequential, { x, labels }: { x: Tensor; labels: Tensor }): Tensor {
  return crossEntropy(model.call(x), labels);
}

/** All parameters' values, one after the other. */
export async function parametersOf(model: Sequential): Promise<number[]> {
  const values: number[] = [];
  for (const parameter of model.parameters()) values.push(...(await parameter.data()));
  return values;
}

/**
 * The driver has no memory for the given buffer, counted from 1 from here on: WebGPU hands out one that cannot be used
 * and says so later, through the error scope.
 */
export class FailingDriver implements Disposable {
  /** Buffers asked for. */
  buffers = 0;
  readonly #gpu: GPUDevice;
  readonly #failing: number;
  /** Scopes that are to tell of the failure, in the order they are popped. */
  #answers: (GPUError | null)[] = [];

  constructor({ gpu }: Device, failing: number) {
    this.#gpu = gpu;
    this.#failing = failing;
    const { createBuffer, popErrorScope } = Object.getPrototypeOf(gpu) as GPUDevice;
    gpu.createBuffer = (descriptor) => {
      if (++this.buffers !== this.#failing) return createBuffer.call(gpu, descriptor);
      this.#answers = [null, { message: 'injected\nby a test' }];
      const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE; // which is refused
      return createBuffer.call(gpu, { ...descriptor, usage });
    };
    gpu.popErrorScope = async () => {
      const [isInjected, answer] = [this.#answers.length > 0, this.#answers.shift() ?? null];
      const said = await popErrorScope.call(gpu);
      return isInjected ? answer : said;
    };
  }

  [Symbol.dispose](): void {
    for (const name of ['createBuffer', 'popErrorScope']) Reflect.deleteProperty(this.#gpu, name);
  }
}

/** What the promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<OutOfMemoryError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof OutOfMemoryError) return error;
    throw error;
  }
  throw new Error('expected an OutOfMemoryError');
}
