// Filters and feature maps as grey levels.

export interface Maps {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 0 to 255, mid-grey being zero: [count, height, width]. */
  readonly levels: Uint8ClampedArray<ArrayBuffer>;
}

/** @param shape [1, count, height, width]; @param values row-major; the largest magnitude becomes black or white */
export function mapsOf([, count, height, width]: readonly number[], values: ArrayLike<number>): Maps {
  let most = 1e-12;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  const levels = Uint8ClampedArray.from({ length: values.length }, (_, i) => 127.5 + (127.5 * values[i]!) / most);
  return { count: count!, height: height!, width: width!, levels };
}
