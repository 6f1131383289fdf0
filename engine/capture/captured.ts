// A captured step: its memory, pipelines and bind groups are settled, so a replay is one pass over a list.
import { CaptureError } from '../../kernels/errors.ts';
import type { Device } from '../device.ts';
import { CAPTURED } from '../memoryReport.ts';
import { type BufferRange, PARAMS_BYTES, writeParams } from '../pipelines.ts';
import type { Storage } from '../storage.ts';
import { Tensor } from '../tensor.ts';
import { planSlots } from './planSlots.ts';
import type { CopyEntry, DispatchEntry, Effect, Renewal, Tape } from './tape.ts';

export interface CapturedMemory {
  /** Bytes of the buffers that hold everything the step makes, results included: what it needs beside what it is given. */
  readonly bytes: number;
  /** What the buffers of the same tensors amount to in an eager step, where a pool keeps one size from the others. */
  readonly eagerBytes: number;
  /** Peak of the same tensors in an eager step, where most live until a scope ends; a part of `eagerBytes`. */
  readonly eagerPeakBytes: number;
  /** Buffers. */
  readonly slots: number;
  /** Tensors and scratch that share them. */
  readonly tensors: number;
}

interface Command {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: DispatchEntry['workgroups'];
  readonly hasParams: boolean;
}

/** A leaf's gradient as the step leaves it. */
interface Delivered {
  readonly leaf: Tensor;
  readonly storage: Storage;
  readonly byteOffset: number;
}

type Placed = Pick<BufferRange, 'buffer' | 'offset'>;

/** Where bindings may start on every adapter. */
const ALIGNMENT = 256;

/** Params come from a bind group of their own place; the layout wants an offset all the same. */
const AT_START = [0];
const NONE: number[] = [];

/** A step that can be repeated; made by `device.capture()`. */
export class CapturedStep<Result = unknown> implements Disposable {
  /** What the captured function returned: tensors outside the graph, written again by every replay. */
  readonly result: Result;
  readonly memory: CapturedMemory;
  readonly #device: Device;
  readonly #tape: Tape;
  readonly #results: readonly Tensor[];
  readonly #delivered: readonly Delivered[];
  readonly #slots: readonly Storage[];
  /** Those that lie in the slots. */
  readonly #placed: ReadonlySet<Storage>;
  readonly #params: GPUBuffer;
  /** Params of the dispatches that change from step to step; they come first in the buffer. */
  readonly #live: DataView<ArrayBuffer>;
  readonly #liveAt = new Map<DispatchEntry, number>();
  readonly #commands: (Command | CopyEntry)[] = [];
  /** Where the commands are cut into several submissions, and what the host does after each but the last. */
  readonly #cuts: { readonly end: number; readonly after: () => void }[] = [];
  #lacksParams = false;
  #isDisposed = false;

  /** @internal @param results tensors of `result` that the step made */
  constructor(device: Device, tape: Tape, { result, results }: { result: Result; results: readonly Tensor[] }) {
    this.#device = device;
    this.#tape = tape;
    this.result = result;
    this.#results = results;
    const { slots, ranges } = placeTemporaries(device, tape);
    const bytes = slots.reduce((sum, slot) => sum + slot.bytes, 0);
    this.#slots = slots;
    this.#placed = new Set(tape.planned.values());
    this.memory = {
      bytes,
      eagerBytes: tape.reservedBytes,
      eagerPeakBytes: tape.live.peakBytes,
      slots: slots.length,
      tensors: tape.planned.size,
    };
    this.#delivered = [...tape.delivered].flatMap((leaf) => {
      const { grad } = leaf;
      return grad ? [{ leaf, storage: grad.storage.retain(), byteOffset: grad.byteOffset }] : [];
    });
    const live = tape.renewals.flatMap(({ dispatches }) => dispatches.map(({ entry }) => entry));
    for (const entry of live) this.#liveAt.set(entry, this.#liveAt.size * PARAMS_BYTES);
    const places = paramsPlaces(tape.entries, this.#liveAt);
    this.#live = new DataView(new ArrayBuffer(this.#liveAt.size * PARAMS_BYTES));
    this.#params = this.#writeAll(places);
    device.errors.run(
      () => this.#what(),
      () => this.#prepare(places, ranges),
    );
  }

  /** Dispatches of one replay. */
  get dispatches(): number {
    return this.#commands.reduce((count, command) => count + Number('group' in command), 0);
  }

  /**
   * Why it cannot be replayed any more: disposed, a mode or `requiresGrad` changed, a tensor it reads is gone, a hook or
   * a profiler came. Undefined while it can.
   */
  get stale(): string | undefined {
    if (this.#isDisposed) return 'it was disposed';
    if (this.#lacksParams || this.#slots.some(({ isVoid }) => isVoid)) return 'there was no memory for it';
    if (this.#device.recorder.profiler) return 'a profiler is attached, which times every dispatch by itself';
    if (this.#device.recorder.tape) return 'another step is being captured';
    for (const guard of this.#tape.guards) {
      const reason = guard();
      if (reason) return reason;
    }
    return undefined;
  }

  /**
   * Does the step once more: the same dispatches over the same memory, with the learning rates, step counts and random
   * streams of now. Enqueues; reading `result` afterwards does not hold up the next replay.
   * @throws CaptureError when it is stale; nothing was done then
   */
  replay(): Result {
    const { stale } = this;
    if (stale) throw new CaptureError(`replay: ${stale}; capture the step again`);
    this.#device.errors.check();
    this.#renew();
    this.play();
    for (const { leaf, storage, byteOffset } of this.#delivered) {
      if (leaf.grad?.storage !== storage || leaf.grad.byteOffset !== byteOffset) {
        leaf.grad = this.#device.keep(new Tensor(this.#device, leaf, storage.retain(), byteOffset));
      }
    }
    return this.result;
  }

  /** @internal Runs the commands with the Params as they are. */
  play(): void {
    const { recorder, errors, gpu } = this.#device;
    recorder.flush();
    errors.run(
      () => this.#what(),
      () => {
        if (this.#live.byteLength) gpu.queue.writeBuffer(this.#params, 0, this.#live.buffer);
        let start = 0;
        for (const { end, after } of [...this.#cuts, { end: this.#commands.length, after: undefined }]) {
          const encoder = gpu.createCommandEncoder();
          this.#encode(encoder, this.#commands.slice(start, end));
          errors.guard(encoder);
          gpu.queue.submit([encoder.finish()]);
          after?.();
          start = end;
        }
      },
    );
    recorder.dispatches += this.dispatches;
    for (const { undo } of this.#tape.effects) this.#device.ifDropped(undo);
  }

  /** Gives its memory back; `result` and gradients that lie in it are gone. What it updated stays. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const { leaf, storage } of this.#delivered) {
      if (leaf.grad?.storage === storage && this.#placed.has(storage)) leaf.grad = null;
      storage.release();
    }
    for (const tensor of this.#results) tensor.dispose();
    for (const storage of this.#placed) storage.revoke();
    for (const storage of this.#slots) storage.release();
    for (const storage of this.#tape.retained) storage.release();
    this.#device.recorder.flush();
    this.#device.errors.destroy(this.#params);
    this.#commands.length = 0;
    this.#cuts.length = 0;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Takes the host one step on, and the Params with it. @throws CaptureError after taking it back */
  #renew(): void {
    const { effects, renewals } = this.#tape;
    const { random } = this.#device;
    const { seed, counter } = random;
    const done: Effect[] = [];
    try {
      for (const effect of effects) {
        effect.run();
        done.push(effect);
      }
      for (const renewal of renewals) this.#renewParams(renewal);
    } catch (error) {
      for (const effect of done.reverse()) effect.undo();
      Object.assign(random, { seed, counter });
      throw error;
    }
  }

  #renewParams({ plan, dispatches }: Renewal): void {
    const { launches } = plan();
    for (const { entry, launch, piece } of dispatches) {
      const { shader, params, workgroups } = launches[launch] ?? {};
      const [x, y = 1, z = 1] = workgroups?.(piece) ?? [];
      const [oldX, oldY, oldZ] = entry.workgroups;
      // by label: halves that are packed are read by another form of the same shader
      if (shader?.label !== entry.pipeline.shader.label || !params || x !== oldX || y !== oldY || z !== oldZ) {
        throw new CaptureError(`replay: ${entry.what()} would run another kernel now; capture the step again`);
      }
      writeParams(this.#live, this.#liveAt.get(entry)!, entry.pipeline, params(piece));
    }
  }

  #encode(encoder: GPUCommandEncoder, commands: readonly (Command | CopyEntry)[]): void {
    let pass: GPUComputePassEncoder | undefined;
    let current: GPUComputePipeline | undefined;
    for (const command of commands) {
      if ('group' in command) {
        const { pipeline, group, workgroups, hasParams } = command;
        pass ??= encoder.beginComputePass();
        if (pipeline !== current) pass.setPipeline(pipeline);
        current = pipeline;
        pass.setBindGroup(0, group, hasParams ? AT_START : NONE);
        pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
      } else {
        pass?.end();
        pass = undefined;
        current = undefined;
        const { source, target } = command;
        encoder.copyBufferToBuffer(source.buffer, source.offset, target.buffer, target.offset, source.size);
      }
    }
    pass?.end();
  }

  /** The buffer of all Params, with the values of the step that was captured. */
  #writeAll(places: ReadonlyMap<DispatchEntry, number>): GPUBuffer {
    const { gpu } = this.#device;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const size = Math.max(PARAMS_BYTES, ...[...places.values()].map((at) => at + PARAMS_BYTES));
    const all = new DataView(new ArrayBuffer(size));
    for (const [entry, at] of places) writeParams(all, at, entry.pipeline, entry.params);
    new Uint8Array(this.#live.buffer).set(new Uint8Array(all.buffer, 0, this.#live.byteLength));
    const what = 'params of a captured step';
    const buffer = this.#device.makeBuffer({ label: what, size, usage }, { bytes: size, what }, () => {
      this.#lacksParams = true;
    });
    this.#device.errors.run(
      () => this.#what(),
      () => gpu.queue.writeBuffer(buffer, 0, all.buffer),
    );
    return buffer;
  }

  #prepare(places: ReadonlyMap<DispatchEntry, number>, ranges: ReadonlyMap<GPUBuffer, Placed>): void {
    const real = <R extends Pick<BufferRange, 'buffer' | 'offset'>>(range: R): R => {
      const placed = ranges.get(range.buffer);
      return placed ? { ...range, buffer: placed.buffer, offset: placed.offset + range.offset } : range;
    };
    for (const entry of this.#tape.entries) {
      if (entry.kind === 'submit') {
        this.#cuts.push({ end: this.#commands.length, after: entry.after });
        continue;
      }
      if (entry.kind === 'copy') {
        this.#commands.push({ kind: 'copy', source: real(entry.source), target: real(entry.target) });
        continue;
      }
      const { pipeline, ranges: bound, workgroups } = entry;
      const at = places.get(entry);
      const params = { buffer: this.#params, offset: at ?? 0, size: PARAMS_BYTES };
      const group = this.#device.gpu.createBindGroup({
        label: pipeline.shader.label,
        layout: pipeline.layout,
        entries: bound.map((range, i) => ({
          binding: pipeline.bindings[i].binding,
          resource: range ? real(range) : params,
        })),
      });
      this.#device.pipelines.runs(pipeline);
      this.#commands.push({ pipeline: pipeline.gpu, group, workgroups, hasParams: at !== undefined });
    }
  }

  /** What an error of a replay belongs to. */
  #what(): string {
    const labels = this.#tape.entries.flatMap((entry) => (entry.kind === 'dispatch' ? [entry.what()] : []));
    return `a captured step of ${[...new Set(labels)].join(', ') || 'copies'}`;
  }
}

/** @returns the slots, and where each stand-in's bytes lie in them. @throws OutOfMemoryError, with nothing kept */
function placeTemporaries(device: Device, { planned, entries }: Tape) {
  const placed = [...planned];
  const uses = new Map(placed.map(([standIn]) => [standIn, new Set<number>()]));
  for (const [i, entry] of entries.entries()) {
    if (entry.kind === 'submit') continue;
    const ranges = entry.kind === 'copy' ? [entry.source, entry.target] : entry.ranges;
    for (const range of ranges) if (range) uses.get(range.buffer)?.add(i);
  }
  const intervals = placed.map(([standIn, storage]) => {
    const touched = uses.get(standIn)!;
    const [first, last] = [Math.min(...touched, entries.length), Math.max(...touched, 0)];
    const bytes = Math.ceil(storage.bytes / ALIGNMENT) * ALIGNMENT;
    // what somebody still holds is a result: nothing may overwrite it before the next replay does
    const isResult = !storage.isReleased;
    return { bytes, first, last: isResult ? entries.length : last, uses: touched, isFirst: isResult };
  });
  const { slots: sizes, places } = planSlots(intervals);
  const slots: Storage[] = [];
  try {
    for (const bytes of sizes) slots.push(device.allocateBytes({ bytes, what: CAPTURED }));
  } catch (error) {
    for (const slot of slots) slot.release();
    throw error;
  }
  const ranges = new Map<GPUBuffer, Placed>();
  for (const [i, [standIn, storage]] of placed.entries()) {
    const { buffer } = slots[places[i].slot];
    if (intervals[i].isFirst) storage.place(buffer);
    ranges.set(standIn, { buffer, offset: places[i].offset });
  }
  return { slots, ranges };
}

/** Where each dispatch's Params lie: those that change first, then the others, equal ones once. */
function paramsPlaces(
  entries: Tape['entries'],
  liveAt: ReadonlyMap<DispatchEntry, number>,
): Map<DispatchEntry, number> {
  const places = new Map(liveAt);
  const constants = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== 'dispatch' || !entry.pipeline.params.length || places.has(entry)) continue;
    const key = entry.pipeline.params.map(([name, type]) => `${type}${entry.params[name]}`).join();
    const at = constants.get(key) ?? (liveAt.size + constants.size) * PARAMS_BYTES;
    constants.set(key, at);
    places.set(entry, at);
  }
  return places;
}
