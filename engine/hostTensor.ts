// Tensors outside the GPU: what state dicts hold, checkpoints store and readers return.
import type { Shape } from '../kernels/definition.ts';

/** float32 for weights and statistics; the integers for counters such as `num_batches_tracked`. */
export type HostTensor =
  | { readonly dtype: 'float32'; readonly shape: Shape; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly shape: Shape; readonly data: Int32Array }
  | { readonly dtype: 'uint32'; readonly shape: Shape; readonly data: Uint32Array }
  | { readonly dtype: 'int64'; readonly shape: Shape; readonly data: BigInt64Array };

/** Values in logical row-major order by PyTorch's names (`layer1.0.downsample.0.weight`), in the module's order. */
export type StateDict = Map<string, HostTensor>;
