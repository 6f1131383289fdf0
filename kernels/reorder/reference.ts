// The logical values do not change, only where they lie: torch.Tensor.contiguous with a memory format,
// https://pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html
import type { Reference } from '../reference.ts';
import type { ReorderOptions } from './reorder.ts';

export const reference: Reference<ReorderOptions> = {
  forward: ({ x }) => ({ y: x }),
  backward: (_inputs, _outputs, dy) => ({ x: dy }),
};
