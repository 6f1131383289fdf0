// Talks to the other ranks, and never waits for them without end: one that died, hangs or failed is named in an error.
//
// A sum that is not there after half of the time allowed makes the waiting rank call the roll; every rank whose event
// loop turns answers, also one that is busy with something else. When the time is over, those that did not answer are
// the ones at fault. A rank that fails by itself tells the others why before it ends, and they stop at once.
import { RankError } from './rankError.ts';
import { MOST_TEXT, type PendingSum, type Transport } from './transport.ts';

export interface CommunicatorOptions {
  /** Seconds that a rank waits for the others in one exchange. Default 60. */
  timeout?: number;
}

interface Waiting {
  readonly sum: PendingSum;
  readonly what: string;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: RankError) => void;
}

type Notice =
  | { readonly kind: 'roll' }
  | { readonly kind: 'here'; readonly at: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Between two looks for messages while nothing is awaited; milliseconds. */
const LISTEN_MS = 250;
/** Polls without a pause this long, then sleeps between bursts; milliseconds. */
const SPIN_MS = 20;
const BURST_MS = 0.3;

export class Communicator {
  readonly rank: number;
  readonly size: number;
  readonly timeout: number;
  /** Seconds spent in sums, for benchmarks: from the start of each to its end, overlapping ones counted once. */
  waitedSeconds = 0;
  /** Bytes summed by this rank. */
  bytes = 0;
  readonly #transport: Transport;
  readonly #waiting: Waiting[] = [];
  /** Where the ranks run, for errors: known after `introduce`. */
  #names: string[] = [];
  /** What this rank is doing, for those that call the roll. */
  #at = 'start';
  #isPumping = false;
  /** Answers to the last roll call. */
  #here: Map<number, string> | undefined;
  #failure: RankError | undefined;
  #listener: ReturnType<typeof setInterval> | undefined;

  /** @param transport ended by `leave` or `abort` */
  constructor(transport: Transport, { timeout = 60 }: CommunicatorOptions = {}) {
    this.rank = transport.rank;
    this.size = transport.size;
    this.timeout = timeout;
    this.#transport = transport;
    this.#listener = setInterval(() => this.#listen(), LISTEN_MS);
    (this.#listener as { unref?: () => void }).unref?.();
  }

  /** Whether this rank speaks for all: it logs, and writes files. */
  get isMain(): boolean {
    return this.rank === 0;
  }

  /** Says what this rank does now, which errors of others will tell. */
  isAt(what: string): void {
    this.#at = what;
  }

  /** Memory for `sum`. Give it back with `release`. */
  floats(length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#transport.allocate(length * 4), 0, length);
  }

  /** Frees what `floats` gave; left alone after a failure, when others may still write to it. */
  release(values: Float32Array<ArrayBuffer>): void {
    if (!this.#failure) this.#transport.free(values.buffer);
  }

  /**
   * Replaces values by their sums over all ranks. Several may be under way; all ranks begin them in the same order.
   * @param values from `floats`
   * @param what they are, for errors
   * @throws RankError after `timeout` seconds, or when a rank failed
   */
  sum(values: Float32Array | Float64Array, what: string): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.bytes += values.byteLength;
    return new Promise((resolve, reject) => {
      const sum = this.#transport.startSum(values);
      this.#waiting.push({ sum, what, since: performance.now(), resolve, reject });
      this.#pump();
    });
  }

  /** As `sum`, without leaving the call: for what cannot wait for the event loop. @throws RankError as `sum` */
  sumNow(values: Float32Array | Float64Array, what: string): void {
    if (this.#failure) throw this.#failure;
    this.bytes += values.byteLength;
    const since = performance.now();
    const sum = this.#transport.startSum(values);
    while (!sum.isDone()) {
      this.#listen();
      const error = this.#failure ?? this.#overdue(what, since);
      if (error) throw error;
    }
    this.waitedSeconds += (performance.now() - since) / 1000;
  }

  /** Adds up a few numbers in float64. @returns the sums */
  async total(values: ArrayLike<number>, what: string): Promise<Float64Array> {
    if (values.length === 0) return new Float64Array(0);
    const memory = this.#transport.allocate(values.length * 8);
    const own = new Float64Array(memory, 0, values.length);
    own.set(values);
    await this.sum(own, what); // where this fails, others may still write to the memory: it stays
    const sums = own.slice();
    this.#transport.free(memory);
    return sums;
  }

  /** As `total`, without leaving the call. @throws RankError */
  totalNow(values: Float64Array, what: string): Float64Array {
    const memory = this.#transport.allocate(values.length * 8);
    const own = new Float64Array(memory, 0, values.length);
    own.set(values);
    this.sumNow(own, what);
    const sums = own.slice();
    this.#transport.free(memory);
    return sums;
  }

  /** A text of each rank, in their order. */
  async gather(text: string, what: string): Promise<string[]> {
    const bytes = new TextEncoder().encode(text);
    const lengths = await this.total(this.#onlyMine([bytes.length], 1), what);
    const longest = Math.max(...lengths, 1);
    const all = await this.total(this.#onlyMine(bytes, longest), what);
    return Array.from(lengths, (length, rank) =>
      new TextDecoder().decode(Uint8Array.from(all.subarray(rank * longest, rank * longest + length))),
    );
  }

  /** Learns where the others run. @param name of this rank: host and process */
  async introduce(name: string): Promise<void> {
    this.#names = await this.gather(name, 'introduction');
  }

  /** How a rank is named in messages. */
  nameOf(rank: number): string {
    const name = this.#names[rank];
    return `rank ${rank} of ${this.size}${name ? ` (${name})` : ''}`;
  }

  /** Tells the others that this rank cannot go on, and why. */
  fail(message: string): void {
    const notice = textOf({ kind: 'failed', message });
    for (const rank of this.#others()) this.#transport.send(rank, notice);
  }

  /** Waits until all are here, then ends the connection. @throws RankError */
  async leave(): Promise<void> {
    await this.total([1], 'the end of the run');
    this.#close();
    this.#transport.leave();
  }

  /** Ends this process, and what is left of the others. */
  abort(exitCode: number): void {
    this.#close();
    this.#transport.abort(exitCode);
  }

  #close(): void {
    clearInterval(this.#listener);
    this.#listener = undefined;
  }

  #onlyMine(values: ArrayLike<number>, perRank: number): Float64Array {
    const all = new Float64Array(this.size * perRank);
    all.set(values, this.rank * perRank);
    return all;
  }

  #others(): number[] {
    return Array.from({ length: this.size }, (_, rank) => rank).filter((rank) => rank !== this.rank);
  }

  /** Moves what is awaited on, until nothing is. */
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const started = performance.now();
    let lastDone = started;
    while (this.#waiting.length > 0) {
      if (this.#burst()) lastDone = performance.now();
      if (this.#waiting.length === 0) break;
      await pause(performance.now() - lastDone < SPIN_MS ? 0 : 1);
    }
    this.waitedSeconds += (performance.now() - started) / 1000;
    this.#isPumping = false;
  }

  /** Polls for a moment. @returns whether anything ended */
  #burst(): boolean {
    const until = performance.now() + BURST_MS;
    let hasEnded = false;
    do {
      for (let i = 0; i < this.#waiting.length; ) {
        if (this.#waiting[i]!.sum.isDone()) {
          this.#waiting.splice(i, 1)[0]!.resolve();
          hasEnded = true;
        } else i++;
      }
    } while (this.#waiting.length > 0 && performance.now() < until);
    if (this.#waiting.length === 0) return hasEnded;
    this.#listen();
    const { what, since } = this.#waiting[0]!;
    const error = this.#failure ?? this.#overdue(what, since);
    if (error) {
      this.#failure = error;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
    return hasEnded;
  }

  /** @returns an error once the time is over */
  #overdue(what: string, since: number): RankError | undefined {
    const waited = (performance.now() - since) / 1000;
    if (waited < this.timeout / 2) return undefined;
    if (!this.#here) {
      this.#here = new Map();
      for (const rank of this.#others()) this.#transport.send(rank, textOf({ kind: 'roll' }));
    }
    if (waited < this.timeout) return undefined;
    const here = this.#here;
    const silent = this.#others().filter((rank) => !here.has(rank));
    const waiting = `${this.nameOf(this.rank)} waited ${this.timeout} s for ${what} (${this.#at})`;
    if (silent.length > 0) {
      const names = silent.map((rank) => this.nameOf(rank)).join(', ');
      const verb = silent.length === 1 ? 'does not answer: it died or hangs' : 'do not answer: they died or hang';
      return new RankError(`${names} ${verb}. ${waiting}. Resume from the last checkpoint`, { ranks: silent });
    }
    const elsewhere = [...here].map(([rank, at]) => `rank ${rank}: ${at}`).join('; ');
    return new RankError(
      `${waiting}, and all ranks answer (${elsewhere}): one is too slow for a timeout of ${this.timeout} s (--mpi-timeout), or is not in this exchange`,
    );
  }

  /** Takes what arrived. */
  #listen(): void {
    for (let message = this.#transport.receive(); message; message = this.#transport.receive()) {
      const { from, text } = message;
      const notice = JSON.parse(text) as Notice;
      if (notice.kind === 'here') this.#here?.set(from, notice.at);
      if (notice.kind === 'roll') this.#transport.send(from, textOf({ kind: 'here', at: this.#at }));
      if (notice.kind !== 'failed') continue;
      this.#failure ??= new RankError(`${this.nameOf(from)} failed: ${notice.message}`, { ranks: [from] });
    }
    if (this.#waiting.length === 0) this.#here = undefined;
  }
}

/** JSON of at most `MOST_TEXT` bytes: what is too long is cut. */
function textOf(notice: Notice): string {
  const encoder = new TextEncoder();
  const cut = (length: number) =>
    JSON.stringify(notice, (_, value) => (typeof value === 'string' ? value.slice(0, length) : value));
  let length = MOST_TEXT;
  let text = cut(length);
  while (encoder.encode(text).length > MOST_TEXT) {
    length = Math.floor(length / 2);
    text = cut(length);
  }
  return text;
}

/** @param milliseconds 0: a turn of the event loop */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds === 0 && typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
}
