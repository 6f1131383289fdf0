// A seeded generator whose whole state is four words, so that a checkpoint can hold it.

import { ShapeError } from '../kernels/errors.ts';

/** Four unsigned 32-bit words, not all zero. */
export type RandomState = readonly [number, number, number, number];

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021;
 * https://prng.di.unimi.it/xoshiro128starstar.c), its state filled by SplitMix64 as the authors advise.
 * Every draw uses only exact integer arithmetic and + - * / sqrt, so a seed gives the same bits on every engine.
 *
 * `stream` selects one of many unrelated sequences of the same seed: an epoch, a split, a worker.
 * @throws ShapeError when seed or stream is no integer in 0..2^53-1.
 */
export class Random {
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;

  constructor(seed = 0, stream = 0) {
    checkSeed('seed', seed);
    checkSeed('stream', stream);
    const hashedSeed = splitMix64(BigInt(seed), 1);
    const low = splitMix64(hashedSeed ^ BigInt(stream), 1);
    const high = splitMix64(hashedSeed ^ BigInt(stream), 2);
    this.state = [low, low >> 32n, high, high >> 32n].map((word) => Number(word & 0xffffffffn)) as [
      number,
      number,
      number,
      number,
    ];
  }

  /** The state as it stands; assigning it back continues the sequence from here. */
  get state(): RandomState {
    return [this.#s0, this.#s1, this.#s2, this.#s3];
  }

  /** @throws ShapeError when the words are no unsigned 32-bit integers or all zero. */
  set state(words: RandomState) {
    const fits = words.length === 4 && words.every((word) => word === word >>> 0);
    if (!fits || words.every((word) => word === 0)) {
      throw new ShapeError(
        `Random.state: expected four unsigned 32-bit words, not all zero, not [${words.join(', ')}]`,
      );
    }
    [this.#s0, this.#s1, this.#s2, this.#s3] = words;
  }

  /** The next 32 bits, 0..2^32-1. */
  uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#s1, 5), 7), 9) >>> 0;
    const shifted = this.#s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 = (this.#s1 ^ this.#s2) >>> 0;
    this.#s0 = (this.#s0 ^ this.#s3) >>> 0;
    this.#s2 = (this.#s2 ^ shifted) >>> 0;
    this.#s3 = rotateLeft(this.#s3, 11) >>> 0;
    return result;
  }

  /** Uniform in [low, high), with 53 random bits; [0, 1) by default. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
    return low + (high - low) * unit;
  }

  /**
   * Uniform over 0..n-1 without bias: draws beyond the last whole multiple of n are thrown back.
   * @throws ShapeError when n is no integer in 1..2^32.
   */
  integer(n: number): number {
    if (!(Number.isInteger(n) && n >= 1 && n <= 0x100000000)) {
      throw new ShapeError(`Random.integer: n must be an integer in 1..2^32, not ${n}`);
    }
    const end = 0x100000000 - (0x100000000 % n);
    let draw = this.uint32();
    while (draw >= end) draw = this.uint32();
    return draw % n;
  }

  /** Normal with the given mean and standard deviation: Marsaglia's polar method, the second value dropped. */
  normal(mean = 0, std = 1): number {
    for (;;) {
      const u = this.uniform(-1, 1);
      const v = this.uniform(-1, 1);
      const square = u * u + v * v;
      if (square > 0 && square < 1) return mean + std * u * Math.sqrt((-2 * logarithm(square)) / square);
    }
  }

  /** Shuffles in place (Fisher–Yates, from the end) and returns the same array. */
  shuffle<T extends Uint32Array | unknown[]>(items: T): T {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = items[last];
      items[last] = items[other];
      items[other] = kept;
    }
    return items;
  }
}

function checkSeed(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new ShapeError(`Random: ${name} must be an integer in 0..2^53-1, not ${value}`);
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Output number `position` (from 1) of SplitMix64 (Steele, Lea and Flood, 2014) seeded with `seed`. */
function splitMix64(seed: bigint, position: number): bigint {
  const mask = 0xffffffffffffffffn;
  let z = (seed + BigInt(position) * 0x9e3779b97f4a7c15n) & mask;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return z ^ (z >> 31n);
}

/**
 * Natural logarithm of 0 < x < 1 from arithmetic alone: Math.log may differ between engines in its last bit.
 * x = m 2^e with m near 1, and log m = 2 artanh((m - 1) / (m + 1)) as a series.
 */
function logarithm(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let series = 0;
  for (let odd = 21; odd >= 1; odd -= 2) series = series * square + 1 / odd;
  return exponent * Math.LN2 + 2 * ratio * series;
}
