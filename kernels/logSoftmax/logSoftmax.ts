// Log of softmax without ever forming a probability that may vanish. Softmax's kernels with other operands.
import { alongRows } from '../softmax/softmax.ts';
import { shader as gradient } from './gradient.wgsl.ts';
import { shader as result } from './result.wgsl.ts';

export type { SoftmaxOptions as LogSoftmaxOptions } from '../softmax/softmax.ts';

export const logSoftmax = alongRows('logSoftmax', { result, gradient });
