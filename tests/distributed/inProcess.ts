// Ranks within one process: what MPI does for many, for tests of what is above it.
import type { Message, PendingSum, Transport } from '../../training/distributed/index.ts';

interface Sum {
  readonly total: Float64Array;
  given: number;
}

/** @returns the ends of a network of `size` ranks */
export function inProcessRanks(size: number): InProcessTransport[] {
  const network: Network = { sums: [], inboxes: Array.from({ length: size }, () => []) };
  return Array.from({ length: size }, (_, rank) => new InProcessTransport(network, rank, size));
}

interface Network {
  readonly sums: Sum[];
  readonly inboxes: Message[][];
}

export class InProcessTransport implements Transport {
  readonly rank: number;
  readonly size: number;
  /** Of `abort`, once it was called. */
  exitCode: number | undefined;
  hasLeft = false;
  /** Memory handed out and not given back. */
  readonly memory = new Set<ArrayBuffer>();
  readonly #network: Network;
  #begun = 0;

  constructor(network: Network, rank: number, size: number) {
    this.#network = network;
    this.rank = rank;
    this.size = size;
  }

  allocate(bytes: number): ArrayBuffer {
    const memory = new ArrayBuffer(bytes);
    this.memory.add(memory);
    return memory;
  }

  free(memory: ArrayBuffer): void {
    if (!this.memory.delete(memory)) throw new Error('memory that is not of this transport');
  }

  startSum(values: Float32Array | Float64Array): PendingSum {
    const index = this.#begun++;
    this.#network.sums[index] ??= { total: new Float64Array(values.length), given: 0 };
    const sum = this.#network.sums[index];
    if (sum.total.length !== values.length) throw new Error(`${values.length} values meet ${sum.total.length}`);
    for (const [i, value] of values.entries()) sum.total[i]! += value;
    sum.given++;
    let isDone = false;
    return {
      isDone: () => {
        if (!isDone && sum.given === this.size) {
          values.set(sum.total);
          isDone = true;
        }
        return isDone;
      },
    };
  }

  send(to: number, text: string): void {
    this.#network.inboxes[to]!.push({ from: this.rank, text });
  }

  receive(): Message | undefined {
    return this.#network.inboxes[this.rank]!.shift();
  }

  leave(): void {
    this.hasLeft = true;
  }

  abort(exitCode: number): void {
    this.exitCode = exitCode;
  }
}
