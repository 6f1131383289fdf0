// Occlusion sensitivity (Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014,
// https://arxiv.org/abs/1311.2901): how far a class's logit falls when a patch of the picture is covered.

interface Patch {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The patches of a grid over a picture, row by row. Each is centred on its cell and twice as large, cut at the border,
 * so that neighbours overlap.
 * @param grid cells in each direction; no more than the picture has pixels
 */
export function occlusionPatches(height: number, width: number, grid: number): Patch[] {
  const rows = spans(height, grid);
  const columns = spans(width, grid);
  return rows.flatMap(([top, bottom]) =>
    columns.map(([left, right]) => ({ top, left, height: bottom - top, width: right - left })),
  );
}

/** A copy of a picture `[c, h, w]`, normalised, with zeros (the training images' mean colour) in the patch. */
export function occluded(
  picture: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  patch: Patch,
): Float32Array {
  const copy = picture.slice();
  for (let c = 0; c < channels; c++) {
    for (let y = patch.top; y < patch.top + patch.height; y++) {
      const start = (c * height + y) * width + patch.left;
      copy.fill(0, start, start + patch.width);
    }
  }
  return copy;
}

/** Half a cell beyond the cell on both sides. */
function spans(size: number, grid: number): [start: number, end: number][] {
  const cells = Math.min(grid, size);
  const cell = size / cells;
  return Array.from({ length: cells }, (_, i) => [
    Math.max(0, Math.floor((i - 0.5) * cell)),
    Math.min(size, Math.ceil((i + 1.5) * cell)),
  ]);
}
