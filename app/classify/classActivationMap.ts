// Class-activation maps (Zhou et al., "Learning deep features for discriminative localization", CVPR 2016,
// https://arxiv.org/abs/1512.04150): where global average pooling stands before the logits, a class's logit is the mean
// of a map, and the map shows where in the picture the logit comes from.

/** Values over a picture, row-major. */
export interface HeatMap {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** What a network's global average pooling reads for one picture. */
export interface PooledFeatures {
  /** [c, h, w], row-major. */
  readonly data: Float32Array;
  readonly shape: readonly [c: number, h: number, w: number];
}

/** The linear layer behind the pooling. */
export interface LinearHead {
  /** [classes, c], row-major. */
  readonly weight: Float32Array;
  /** [classes]; undefined where it has none. */
  readonly bias: Float32Array | undefined;
}

/**
 * A class's map: `Σ_c weight[k, c] · features[c, h, w] + bias[k]`, so that its mean is the class's logit. Without a head
 * the features are the classes' maps themselves (NiN, SqueezeNet). Summed in float64.
 * @param index of the class
 * @throws RangeError for a class that there is not
 */
export function classActivationMap(
  { data, shape: [channels, height, width] }: PooledFeatures,
  head: LinearHead | undefined,
  index: number,
): HeatMap {
  const classes = head ? head.weight.length / channels : channels;
  if (!Number.isInteger(index) || index < 0 || index >= classes) {
    throw new RangeError(`classActivationMap: there are classes 0 to ${classes - 1}, asked for ${index}`);
  }
  const area = height * width;
  if (!head) return { width, height, values: data.slice(index * area, (index + 1) * area) };
  const sums = new Float64Array(area).fill(head.bias?.[index] ?? 0);
  for (let c = 0; c < channels; c++) {
    const weight = head.weight[index * channels + c]!;
    for (let i = 0; i < area; i++) sums[i] += weight * data[c * area + i]!;
  }
  return { width, height, values: Float32Array.from(sums) };
}
