// The errors every layer throws. They live in kernels/, the lowest layer, so that all others may import them.
// A message says where, what is wrong, what was given by name, and what would be right.

/** Base of all wgrad errors: `catch (e) { if (e instanceof WgradError) … }`. */
export class WgradError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Shapes, dtypes or options that do not fit together; thrown before anything is allocated. */
export class ShapeError extends WgradError {}

/** WGSL that does not compile, or a launch the device refused; the message holds numbered source lines. */
export class KernelError extends WgradError {}

/** A tensor, scope or device used after it was disposed. */
export class DisposedError extends WgradError {}

/** The GPU device went away (driver reset, tab suspended, `destroy()`). */
export class DeviceLostError extends WgradError {}

/** Memory that was asked for. */
export interface MemoryRequest {
  /** What a buffer or array of it takes; a pool may round up. */
  readonly bytes: number;
  /** Operation and purpose: `conv2d`, `conv2d: gradient of x`, `read`. */
  readonly what: string;
  readonly shape?: readonly number[] | undefined;
  readonly dtype?: string | undefined;
}

/** What one module, layer or operation holds. */
export interface MemoryShare {
  /** Dotted name of a module, '' for the model itself; or the name of an operation. Null: outside of all modules. */
  readonly name: string | null;
  /** The module's class. */
  readonly type?: string | undefined;
  readonly bytes: number;
  /** Tensors and scratch; the buffers of a captured step. */
  readonly count: number;
}

/** What lives on a device, largest first. */
export interface MemoryUse {
  /** Of tensors, of what graphs keep for their backward passes, of scratch and captured steps. */
  readonly bytes: number;
  /** Of free buffers kept for reuse. */
  readonly idleBytes: number;
  /** The part of `bytes` that belongs to captured steps. */
  readonly capturedBytes: number;
  /** By direct child of the model: `layer1`, `fc`. */
  readonly byModule: readonly MemoryShare[];
  /** By the innermost module that ran: `layer1.0.conv1`. */
  readonly byLayer: readonly MemoryShare[];
  /** By what made it: `conv2d`, `optimizer expAvg`, `parameters and buffers`. */
  readonly byOperation: readonly MemoryShare[];
}

/** There was no memory, on the GPU, under `memoryLimit` or on the host; the message says what would help. */
export class OutOfMemoryError extends WgradError {
  /** What was asked for; undefined where only the message came over, as from a worker. */
  readonly requested: MemoryRequest | undefined;
  /** What the device held when the error was made; undefined as above. */
  readonly live: MemoryUse | undefined;

  constructor(
    message: string,
    { requested, live, ...options }: ErrorOptions & { requested?: MemoryRequest; live?: MemoryUse } = {},
  ) {
    super(message, options);
    this.requested = requested;
    this.live = live;
  }
}

/** No adapter, or none that fits what was asked for; the message says how to get one. */
export class AdapterError extends WgradError {}

/** A file whose bytes are not what its format promises; names the file, the offset and what was expected. */
export class FormatError extends WgradError {}

/**
 * The file system refused: a full disk, a read-only folder, one that is gone. The message names the path, what was being
 * done and what would help; `cause` is the system's own error.
 */
export class FileError extends WgradError {
  /** The system's code, such as `ENOSPC`. */
  readonly code: string | undefined;

  constructor(message: string, options: ErrorOptions & { code?: string } = {}) {
    super(message, options);
    this.code = options.code;
  }
}

/** A step that cannot be captured, or one that cannot be replayed any more; the message says why. */
export class CaptureError extends WgradError {}

/** Backward called where it cannot work: no graph, freed graph, non-scalar without a gradient. */
export class AutogradError extends WgradError {}

export interface AnomalyDetails {
  readonly operation: string;
  /** `update`: it wrote in place outside of a backward pass, as optimizers do. */
  readonly phase: 'forward' | 'backward' | 'update';
  /** Dotted name of the innermost module, '' for the model itself; null outside of it, or where no model was named. */
  readonly layer: string | null;
  /** Its class. */
  readonly layerType: string | undefined;
  /** Which output; `dx` is the gradient of input `x`. */
  readonly output: string;
  readonly shape: readonly number[];
  /** Of the first bad value in memory. */
  readonly index: readonly number[];
  /** NaN, Infinity or -Infinity. */
  readonly value: number;
  /** The first input that was not finite either (a parameter by its dotted name); undefined when all were. */
  readonly badInput: string | undefined;
}

/** An operation made a NaN or an infinity, under `watchAnomalies`. */
export class AnomalyError extends WgradError {
  /** Undefined where only the message came over, as from a worker. */
  readonly details: AnomalyDetails | undefined;

  constructor(message: string, details?: AnomalyDetails) {
    super(message);
    this.details = details;
  }
}

/** Training met a loss, gradients or parameters that are no finite numbers; `cause` is an AnomalyError where the maker was found. */
export class NonFiniteError extends WgradError {
  /** Of the run, counted from 1; undefined where only the message came over, as from a worker. */
  readonly step: number | undefined;

  constructor(message: string, { step, ...options }: ErrorOptions & { step?: number } = {}) {
    super(message, options);
    this.step = step;
  }
}
