// Gradients in buckets: each is summed over the ranks as soon as the backward pass has finished it, while the pass goes on.

/** Bytes after which a bucket is closed. Fewer mean more messages, more mean that less is left to overlap. */
export const BUCKET_BYTES = 4 * 2 ** 20;

/**
 * Cuts parameters into buckets, the last layers first: their gradients are there first.
 * @param parameters in the model's order
 * @param bytes of one parameter
 */
export function bucketsOf<Parameter>(
  parameters: readonly Parameter[],
  bytes: (parameter: Parameter) => number,
  bucketBytes = BUCKET_BYTES,
): Parameter[][] {
  const buckets: Parameter[][] = [];
  let room = 0;
  for (const parameter of [...parameters].reverse()) {
    const size = bytes(parameter);
    if (buckets.length === 0 || size > room) {
      buckets.push([]);
      room = bucketBytes;
    }
    buckets.at(-1)!.unshift(parameter); // neighbours in memory stay so
    room -= size;
  }
  return buckets;
}
