// The random generator of pcg4d.wgsl on the CPU, bit for bit: element `i` of a tensor takes word `i % 4` of counter
// `floor(i / 4)`, where `i` counts in the tensor's physical order.
import { orderOf, type Shape, sizeOf, stridesOf } from '../definition.ts';
import { type NdArray, zeros } from '../ndarray.ts';

/** Names a sequence of random numbers; `device.random.next()` gives a fresh one. Both are uint32. */
export interface RandomStream {
  seed: number;
  stream: number;
}

/** Four words of 32 random bits. https://jcgt.org/published/0009/03/02/ */
export function randomWords({ seed, stream }: RandomStream, counter: number): [number, number, number, number] {
  const start = (word: number) => (Math.imul(word ^ (word >>> 16), 1664525) + 1013904223) | 0;
  let [x, y, z, w] = [start(counter), start(stream), start(seed), start(0)];
  const mix = () => {
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    w = (w + Math.imul(y, z)) | 0;
  };
  mix();
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  mix();
  return [x >>> 0, y >>> 0, z >>> 0, w >>> 0];
}

/** A tensor made from random words, in the default order of its rank: what the references need. */
export function fromWords(
  shape: Shape,
  from: RandomStream,
  value: (words: readonly [number, number, number, number], word: number, index: number) => number,
): NdArray {
  const result = zeros(shape);
  const strides = stridesOf({ shape, order: orderOf('any', shape.length) });
  let [counter, words] = [-1, randomWords(from, 0)];
  for (let index = 0; index < sizeOf(shape); index++) {
    let rest = index;
    let physical = 0;
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      physical += (rest % shape[dimension]) * strides[dimension];
      rest = Math.floor(rest / shape[dimension]);
    }
    // neighbours share a counter
    if (counter !== physical >>> 2) [counter, words] = [physical >>> 2, randomWords(from, physical >>> 2)];
    result.data[index] = value(words, physical % 4, index);
  }
  return result;
}
