// Watches what a device runs, dispatch by dispatch: which layer asked for it, what it does and how long it took.
// The engine calls it where it records work; a device without a profiler pays one comparison a dispatch.
import type { Launch, Operation, Problem } from '../../kernels/definition.ts';
import { NOTHING } from '../../kernels/definition.ts';
import type { GraphNode } from '../autograd.ts';
import type { Device } from '../device.ts';
import type { AnyModule } from '../nn/module.ts';
import type { Clock, DispatchCall } from './clock.ts';
import { type Dispatched, flopOf, type Run } from './flop.ts';
import { TimestampClock } from './timestampClock.ts';
import { WallClock } from './wallClock.ts';

/** What a dispatch belongs to. */
export type Phase = 'forward' | 'backward' | 'optimizer';

export interface ProfiledDispatch {
  /** Counted from 0. */
  readonly step: number;
  readonly phase: Phase;
  /** Dotted name of the innermost module; '' for the model itself, null outside of it (the loss, the optimizer). */
  readonly layer: string | null;
  /** `conv2d`. */
  readonly operation: string;
  /** The shader's label: `conv2d/forward vec4 wide`. */
  readonly kernel: string;
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Counted for matrix products, estimated for all else; see `flopOf`. */
  readonly flop: number;
  /** Of all ranges bound: each byte once, and twice where an input is updated in place. */
  readonly bytes: number;
  /** In use by tensors, graph and scratch when it was recorded. */
  readonly liveBytes: number;
  /** Nanoseconds since the first dispatch began. */
  readonly start: number;
  /** Nanoseconds. */
  readonly duration: number;
}

/** All there is to know of a dispatch before it ran. */
type Recorded = Omit<ProfiledDispatch, 'start' | 'duration' | 'flop'>;

export type ClockKind = Clock['kind'];

/** @internal See `profile`. */
export class Profiler {
  phase: Phase = 'forward';
  step = 0;
  readonly #device: Device;
  readonly #clock: Clock;
  readonly #recorded: Recorded[] = [];
  readonly #flop: number[] = [];
  readonly #running: string[] = [];
  readonly #layers = new WeakMap<GraphNode, string | null>();
  readonly #unwatch: (() => void)[] = [];
  /** The layer whose gradients are computed; undefined in the forward pass. */
  #walked: string | null | undefined;
  #run: Run | undefined;
  #launch: Launch | undefined;
  /** What the run under way has dispatched. */
  #dispatched: Dispatched[] = [];

  /** Attaches itself. Dispatches recorded before are none of its business. */
  constructor(
    device: Device,
    kind: ClockKind = device.gpu.features.has('timestamp-query') ? 'timestamps' : 'wallClock',
  ) {
    this.#device = device;
    this.#clock = kind === 'timestamps' ? new TimestampClock(device.gpu) : new WallClock(device);
    device.recorder.flush();
    device.recorder.profiler = this;
  }

  get clock(): ClockKind {
    return this.#clock.kind;
  }

  /** Learns the model's layers by name; until `stop`, hooks tell which of them runs. */
  watch(model: AnyModule): void {
    for (const [name, module] of model.namedModules()) {
      this.#unwatch.push(
        module.registerForwardPreHook(
          () => {
            this.#running.push(name);
            return undefined;
          },
          // what is profiled is what runs otherwise: batch norm and ReLU stay one operation
          { passive: true },
        ),
        module.registerForwardHook(() => void this.#running.pop(), { passive: true }),
      );
    }
  }

  /** Detaches itself and waits for the GPU. @throws what went wrong there */
  async stop(): Promise<ProfiledDispatch[]> {
    try {
      this.#detach();
      await this.#device.idle();
      const spans = await this.#clock.read();
      await this.#device.idle();
      const first = spans[0]?.start ?? 0;
      return this.#recorded.map((recorded, i) => {
        const { start, end } = spans[i];
        return { ...recorded, flop: this.#flop[i], start: start - first, duration: Math.max(0, end - start) };
      });
    } finally {
      this.#clock.destroy();
    }
  }

  /** Ends the watch without a result. */
  abandon(): void {
    this.#detach();
    this.#clock.destroy();
  }

  /** An operation's plan is about to run; `wanted` in its backward pass. */
  runs(operation: Operation<never>, problem: Problem<unknown>, wanted?: ReadonlySet<string>): void {
    this.#settle();
    this.#run = { operation, problem, wanted };
  }

  launches(launch: Launch): void {
    this.#launch = launch;
  }

  /** @returns how the dispatch's own pass begins */
  dispatches(call: DispatchCall): GPUComputePassDescriptor | undefined {
    const [{ shader }, ranges, , [x, y = 1, z = 1]] = call;
    const launch = this.#launch?.shader === shader ? this.#launch : undefined;
    const bound = Object.entries(ranges).filter(
      ([name, { buffer }]) => buffer !== this.#device.nothing && launch?.bind[name] !== NOTHING,
    );
    const updated = new Set(this.#run?.operation.inputs.filter((input) => input.updated).map(({ name }) => name));
    const times = (name: string) => (updated.has((launch?.bind[name] ?? name).replace(/\d+$/, '')) ? 2 : 1);
    this.#dispatched.push({
      launch: launch ?? { shader, bind: {}, constants: {}, axes: {}, params: () => ({}), workgroups: () => [x, y, z] },
      workgroups: x * y * z,
      elements: Object.fromEntries(bound.map(([name, { size }]) => [name, size / 4])),
    });
    this.#recorded.push({
      step: this.step,
      phase: this.#walked === undefined ? this.phase : 'backward',
      layer: this.#walked === undefined ? (this.#running.at(-1) ?? null) : this.#walked,
      operation: this.#run?.operation.name ?? shader.label,
      kernel: shader.label,
      workgroups: [x, y, z],
      bytes: bound.reduce((sum, [name, { size }]) => sum + size * times(name), 0),
      liveBytes: this.#device.memory().bytes,
    });
    return this.#clock.dispatches(call);
  }

  submits(encoder: GPUCommandEncoder): void {
    this.#clock.submits(encoder);
  }

  /** A node joined the graph. */
  remembers(node: GraphNode): void {
    this.#layers.set(node, this.#running.at(-1) ?? null);
  }

  /** The backward pass is at this node; null between nodes, undefined when it has ended. */
  walks(node: GraphNode | null | undefined): void {
    this.#walked = node ? (this.#layers.get(node) ?? null) : node;
  }

  #detach(): void {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    this.#settle();
    this.#device.recorder.flush();
    this.#device.recorder.profiler = null;
  }

  /** Counts the operations of the run that has ended. */
  #settle(): void {
    const { operation, problem, wanted } = this.#run ?? {};
    this.#flop.push(
      ...(operation && problem
        ? flopOf({ operation, problem, wanted }, this.#dispatched)
        : this.#dispatched.map(() => 0)),
    );
    this.#dispatched = [];
    this.#run = undefined;
    this.#launch = undefined;
  }
}
