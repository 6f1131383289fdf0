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

/** The GPU could not provide the memory that was asked for. */
export class OutOfMemoryError extends WgradError {}

/** No adapter, or none that fits what was asked for; the message says how to get one. */
export class AdapterError extends WgradError {}

/** A file whose bytes are not what its format promises; names the file, the offset and what was expected. */
export class FormatError extends WgradError {}

/** A step that cannot be captured, or one that cannot be replayed any more; the message says why. */
export class CaptureError extends WgradError {}

/** Backward called where it cannot work: no graph, freed graph, non-scalar without a gradient. */
export class AutogradError extends WgradError {}
