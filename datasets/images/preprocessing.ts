// What is done to a picture before a network reads it, as plain data: beside every file of weights, in every run.

/** In this order: resize, centre crop, divide by 255, subtract `mean`, divide by `std`. */
export interface Preprocessing {
  /** Pixels of the shorter side, or [height, width]; bilinear with antialiasing, as Pillow. Default: as it is. */
  readonly resize?: number | readonly [height: number, width: number];
  /** Pixels of the square, or [height, width], cut out of the middle. Default: no crop. */
  readonly crop?: number | readonly [height: number, width: number];
  /** Per channel, in units of 255 levels. One entry means grey. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What torchvision's ImageNet weights were trained with (the V2 ResNets resize to 232). */
export const IMAGENET_PREPROCESSING: Preprocessing = {
  resize: 256,
  crop: 224,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
