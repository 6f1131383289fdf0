// The most probable classes of a picture.

export interface Classification {
  /** Position of the class among the logits. */
  index: number;
  name: string;
  /** Fraction of 1. */
  probability: number;
}

/** Softmax of a row of logits in float64, the largest first; equal ones in the order of their index. */
export function topClasses(
  logits: Float32Array,
  { names, top }: { names: readonly string[]; top: number },
): Classification[] {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers
    .map((power, index) => ({ index, name: names[index]!, probability: power / sum }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, top);
}
