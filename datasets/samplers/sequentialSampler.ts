// The data set's own order.
import { checkInteger } from '../loader/checkInteger.ts';
import { MAX_DRAWS, type Sampler } from './sampler.ts';

/** 0, 1, … count - 1 in every epoch. @throws ShapeError */
export class SequentialSampler implements Sampler {
  readonly count: number;

  constructor(count: number) {
    checkInteger('SequentialSampler: count', count, { low: 1, high: MAX_DRAWS });
    this.count = count;
  }

  order(): Uint32Array {
    return Uint32Array.from({ length: this.count }, (_, i) => i);
  }
}
