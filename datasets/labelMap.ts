// A number for each pixel: what segmentation learns.

/** Classes (8 bits) or objects (16 bits) of an image's pixels. */
export interface LabelMap<Data extends Uint8Array | Uint16Array = Uint8Array> {
  readonly width: number;
  readonly height: number;
  /** [height, width], row-major. */
  readonly data: Data;
}
