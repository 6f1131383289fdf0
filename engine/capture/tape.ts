// What a captured step did: dispatches and copies over memory that is not there yet, what the host did beside them, and
// what must stay as it was for the record to hold. While a tape is the recorder's, nothing reaches the GPU.
import type { Plan } from '../../kernels/definition.ts';
import { CaptureError, type MemoryRequest } from '../../kernels/errors.ts';
import { show } from '../../kernels/rank.ts';
import { LiveMemory } from '../liveMemory.ts';
import type { AnyModule } from '../nn/module.ts';
import type { BufferRange, Pipeline } from '../pipelines.ts';
import { sizeClass } from '../pool.ts';
import type { Piece } from '../split.ts';
import { Storage } from '../storage.ts';
import type { Tensor } from '../tensor.ts';

export interface DispatchEntry {
  readonly kind: 'dispatch';
  readonly pipeline: Pipeline;
  /** What each binding of the shader binds, in their order; null for the Params. */
  readonly ranges: readonly (BufferRange | null)[];
  params: Readonly<Record<string, number>>;
  readonly workgroups: readonly [x: number, y: number, z: number];
  readonly what: () => string;
}

export interface CopyEntry {
  readonly kind: 'copy';
  readonly source: BufferRange;
  readonly target: Pick<BufferRange, 'buffer' | 'offset'>;
}

/** What comes before is submitted by itself, and the host told. */
export interface SubmitEntry {
  readonly kind: 'submit';
  readonly after: () => void;
}

/** Something the host does once a step. */
export interface Effect {
  readonly run: () => void;
  /** Takes one run back. */
  readonly undo: () => void;
}

/** An operation whose Params differ from step to step. */
export interface Renewal {
  /** Its launches for the step that comes. */
  readonly plan: () => Plan;
  /** Its dispatches: number of the launch, and the piece of it. */
  readonly dispatches: readonly { entry: DispatchEntry; launch: number; piece: Piece }[];
}

/** Why the record no longer holds; undefined while it does. */
export type Guard = () => string | undefined;

export class Tape {
  readonly entries: (DispatchEntry | CopyEntry | SubmitEntry)[] = [];
  readonly effects: Effect[] = [];
  readonly renewals: Renewal[] = [];
  /** Asked before every replay. */
  readonly guards: Guard[] = [];
  /** Asked once, when the step was recorded. */
  readonly checks: Guard[] = [];
  /** Temporaries, by the stand-in for their buffer. */
  readonly planned = new Map<GPUBuffer, Storage>();
  /** What was there before and is bound: kept as long as the captured step. */
  readonly retained = new Set<Storage>();
  /** Leaves that got a gradient. */
  readonly delivered = new Set<Tensor>();
  /** What the temporaries would hold if they lived as long as in an eager step. */
  readonly live = new LiveMemory();
  /** Buffers that an empty pool would make for them in an eager step. */
  reservedBytes = 0;
  /** Kept, for the captured function may have caught it, or a promise. */
  refusal: CaptureError | undefined;
  readonly #free = new Map<number, number>();
  readonly #made = new WeakSet<Tensor>();
  readonly #read = new Set<Tensor>();
  readonly #cleared = new WeakSet<Tensor>();
  readonly #modules = new Set<AnyModule>();

  /** @throws CaptureError: this cannot be repeated by a replay */
  refuse(reason: string): never {
    this.refusal ??= new CaptureError(`capture: ${reason}`);
    throw this.refusal;
  }

  dispatch(
    pipeline: Pipeline,
    ranges: Readonly<Record<string, BufferRange>>,
    {
      params,
      workgroups: [x, y = 1, z = 1],
      what,
    }: Pick<DispatchEntry, 'params' | 'what'> & { workgroups: readonly [number, number?, number?] },
  ): void {
    const bound = pipeline.bindings.map(({ name, isUniform }) => (isUniform ? null : ranges[name]));
    this.entries.push({ kind: 'dispatch', pipeline, ranges: bound, params, workgroups: [x, y, z], what });
  }

  /** The last dispatches were those of a plan whose Params differ from step to step. @param pieces of each launch */
  renews(plan: () => Plan, pieces: readonly (readonly Piece[])[]): void {
    const dispatched = pieces.flatMap((ofLaunch, launch) => ofLaunch.map((piece) => ({ launch, piece })));
    const entries = this.entries.slice(this.entries.length - dispatched.length) as DispatchEntry[];
    this.renewals.push({ plan, dispatches: dispatched.map((each, i) => ({ entry: entries[i], ...each })) });
  }

  copy(source: BufferRange, target: Pick<BufferRange, 'buffer' | 'offset'>): void {
    this.entries.push({ kind: 'copy', source, target });
  }

  submitThen(after: () => void): void {
    this.entries.push({ kind: 'submit', after });
  }

  /** Memory that is planned when the step is known. */
  allocate(request: MemoryRequest): Storage {
    const storage = new Storage(this, this.live, request);
    this.planned.set(storage.buffer, storage);
    return storage;
  }

  /** A stand-in: nothing but its size is asked of a buffer while a step is recorded. */
  acquire({ bytes }: MemoryRequest): GPUBuffer {
    const size = sizeClass(bytes);
    const free = this.#free.get(size) ?? 0;
    if (free) this.#free.set(size, free - 1);
    else this.reservedBytes += size;
    return { size } as GPUBuffer;
  }

  release({ size }: GPUBuffer): void {
    this.#free.set(size, (this.#free.get(size) ?? 0) + 1);
  }

  /** A storage is bound. */
  binds(storage: Storage): void {
    if (this.planned.has(storage.buffer) || this.retained.has(storage)) return;
    this.retained.add(storage.retain());
  }

  makes(tensor: Tensor): void {
    this.#made.add(tensor);
  }

  hasMade(tensor: Tensor): boolean {
    return this.#made.has(tensor);
  }

  /** @throws CaptureError for a result of work outside */
  reads(tensor: Tensor): void {
    if (this.#made.has(tensor) || this.#read.has(tensor)) return;
    this.#read.add(tensor);
    const { storage, byteOffset, requiresGrad } = tensor;
    const what = `a tensor of shape ${show(tensor.shape)}`;
    if (tensor.node) this.refuse(`${what} is the result of operations outside the step; detach() it`);
    this.guards.push(() => {
      if (tensor.isDisposed) return `${what} was disposed`;
      if (tensor.storage !== storage || tensor.byteOffset !== byteOffset) return `${what} moved to other memory`;
      if (tensor.requiresGrad !== requiresGrad) return `requiresGrad of ${what} changed`;
      return tensor.hooks.length ? `a hook was registered on ${what}` : undefined;
    });
  }

  /** A module runs: its mode, and that of all below, must stay. @throws CaptureError for hooks, which replays do not call */
  calls(module: AnyModule): void {
    if (this.#modules.has(module)) return;
    for (const [name, each] of module.namedModules()) {
      if (this.#modules.has(each)) continue;
      this.#modules.add(each);
      const what = name ? `module ${name}` : 'the module';
      if (each.needsCalls) this.refuse(`${what} has a hook, which a replay would not call`);
      const { training } = each;
      this.guards.push(() => {
        if (each.training !== training) return `${what} went to ${each.training ? 'train' : 'eval'} mode`;
        return each.needsCalls ? `a hook was registered on ${what}` : undefined;
      });
    }
  }

  /** The gradient of a leaf was set to null. */
  clears(leaf: Tensor): void {
    this.#cleared.add(leaf);
  }

  /** A leaf is about to get a gradient. @throws CaptureError where the second step would add to what the first set */
  delivers(leaf: Tensor): void {
    this.delivered.add(leaf);
    if (this.#cleared.has(leaf)) return;
    const { grad } = leaf;
    if (!grad) this.refuse('gradients start from nothing but are not cleared in the step; call zeroGrad() in it');
    this.guards.push(() => (leaf.grad === grad ? undefined : 'a gradient that the step adds to was replaced'));
  }
}
