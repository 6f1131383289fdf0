// The visible state of a device's randomness: every random operation takes the seed and the next counter value.
export class RandomState {
  seed: number;
  /** Random operations so far; together with the seed it names a stream. Saved in checkpoints. */
  counter = 0;

  constructor(seed: number) {
    this.seed = seed >>> 0;
  }

  next(): { seed: number; stream: number } {
    return { seed: this.seed, stream: this.counter++ };
  }
}
