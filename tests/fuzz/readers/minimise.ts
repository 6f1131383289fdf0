// A smaller input with the same problem: parts are left out for as long as it stays.

const MAX_TRIALS = 300;

/** @param fails whether an input still has the problem */
export async function minimise(input: Uint8Array, fails: (input: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let smallest = input;
  let trials = 0;
  for (let size = Math.ceil(input.length / 2); size >= 1 && trials < MAX_TRIALS; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= smallest.length && trials < MAX_TRIALS; trials++) {
      const shorter = new Uint8Array(smallest.length - size);
      shorter.set(smallest.subarray(0, at));
      shorter.set(smallest.subarray(at + size), at);
      if (await fails(shorter)) smallest = shorter;
      else at += size;
    }
  }
  return smallest;
}
