// Reads tensors without leaving the call. Dawn's Node binding tells of a mapped buffer from a poll that it schedules with
// `setImmediate`; while this is installed, such polls can be run at once, before the event loop comes to them.
import type { Device } from '../../engine/device.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { KernelError } from '../../kernels/errors.ts';

/** Seconds after which a read is given up. */
const MOST_SECONDS = 120;

interface Poll {
  readonly run: () => void;
}

export class SynchronousReads implements Disposable {
  readonly #polls: Poll[] = [];
  readonly #before = globalThis.setImmediate;
  #staging: { device: Device; buffer: GPUBuffer } | undefined;

  /** Takes the place of `setImmediate` for functions that are not JavaScript, until it is disposed. */
  constructor() {
    const { setImmediate: before } = globalThis;
    const replacement = (callback: (...values: unknown[]) => void, ...values: unknown[]) => {
      const isDawns = Function.prototype.toString.call(callback).includes('[native code]');
      if (!isDawns) return before(callback, ...values);
      let hasRun = false;
      const poll = {
        run: () => {
          if (hasRun) return;
          hasRun = true;
          callback(...values);
        },
      };
      this.#polls.push(poll);
      return before(() => {
        const place = this.#polls.indexOf(poll);
        if (place >= 0) this.#polls.splice(place, 1);
        poll.run();
      });
    };
    globalThis.setImmediate = Object.assign(replacement, before) as typeof setImmediate;
  }

  /**
   * The values of float32 tensors in their order in memory, after all work recorded so far. Waits for the GPU.
   * @throws KernelError when the buffer cannot be mapped
   */
  read(device: Device, tensors: readonly Tensor[]): Float32Array[] {
    const size = tensors.reduce((sum, tensor) => sum + tensor.size * 4, 0);
    const staging = this.#stagingOf(device, size);
    let at = 0;
    for (const tensor of tensors) {
      const source = { buffer: tensor.storage.buffer, offset: tensor.byteOffset, size: tensor.size * 4 };
      device.recorder.copy(source, { buffer: staging, offset: at });
      at += tensor.size * 4;
    }
    device.recorder.flush();
    staging.mapAsync(GPUMapMode.READ, 0, size).catch(() => {}); // `mapState` tells
    const until = performance.now() + 1000 * MOST_SECONDS;
    while (staging.mapState === 'pending' && performance.now() < until) {
      const poll = this.#polls.shift();
      if (!poll) break;
      poll.run();
    }
    device.errors.check();
    if (staging.mapState !== 'mapped') {
      staging.destroy();
      this.#staging = undefined;
      throw new KernelError('statistics could not be read at once: this version of Dawn does not poll by setImmediate');
    }
    const values = new Float32Array(staging.getMappedRange(0, size).slice(0));
    staging.unmap();
    let from = 0;
    return tensors.map((tensor) => {
      from += tensor.size;
      return values.subarray(from - tensor.size, from);
    });
  }

  [Symbol.dispose](): void {
    globalThis.setImmediate = this.#before;
    this.#staging?.buffer.destroy();
    this.#staging = undefined;
  }

  #stagingOf(device: Device, size: number): GPUBuffer {
    const { device: owner, buffer } = this.#staging ?? {};
    if (buffer && owner === device && buffer.size >= size) return buffer;
    buffer?.destroy();
    const made = device.errors.run(
      () => 'memory to read statistics through',
      () =>
        device.gpu.createBuffer({
          label: 'statistics',
          size: 2 ** Math.ceil(Math.log2(Math.max(size, 256))),
          usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
        }),
    );
    this.#staging = { device, buffer: made };
    return made;
  }
}
