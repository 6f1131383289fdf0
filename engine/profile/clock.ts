// What measures a dispatch: the GPU's own timestamps, or where it has none, the host's clock.
import type { Recorder } from '../recorder.ts';

/** The arguments of `Recorder.dispatch`. */
export type DispatchCall = Parameters<Recorder['dispatch']>;

/** Nanoseconds on a clock that starts anywhere. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Clock {
  readonly kind: 'timestamps' | 'wallClock';
  /** Called as a dispatch is recorded, which gets a pass of its own with this descriptor. */
  dispatches(call: DispatchCall): GPUComputePassDescriptor | undefined;
  /** Called before an encoder is finished. */
  submits(encoder: GPUCommandEncoder): void;
  /** All dispatches so far, in order. Called once, after the last was submitted and no longer observed. */
  read(): Promise<Span[]>;
  /** Gives its GPU memory back. */
  destroy(): void;
}
