// What is read of the transforms: their arguments, and what they draw. torchvision's classes under their own names.

import type { Rectangle } from '../../datasets/images/crop.ts';
import type { PaddingMode } from '../../datasets/images/pad.ts';
import type { Random } from '../../datasets/random.ts';
import type { Transform } from '../../datasets/transforms/transform.ts';
import type { Enhancement } from '../../kernels/augmentBlend/blendTable.ts';

interface Draws<T> extends Transform {
  draw(random: Random, image: { height: number; width: number }): T;
}

interface Pads {
  /** All sides, [left and right, top and bottom], or [left, top, right, bottom]. */
  readonly padding?: number | readonly number[] | null;
  readonly fill?: number | readonly number[];
  readonly paddingMode?: PaddingMode;
}

type Sized = number | readonly [number] | readonly [height: number, width: number];

/** Each transform that the device can run, by its `type`. */
export interface TransformFields {
  CenterCrop: Transform & { readonly size: Sized };
  ColorJitter: Draws<
    { readonly order: readonly (Enhancement | 'hue')[]; readonly hue: number | null } & Readonly<
      Record<Enhancement, number | null>
    >
  >;
  Grayscale: Transform & { readonly numOutputChannels?: 1 | 3 };
  Pad: Transform & Pads;
  RandomCrop: Draws<{ readonly top: number; readonly left: number }> &
    Pads & { readonly size: Sized; readonly padIfNeeded?: boolean };
  RandomGrayscale: Draws<boolean>;
  RandomHorizontalFlip: Draws<boolean>;
  RandomResizedCrop: Draws<Rectangle> & { readonly size: Sized; readonly interpolation?: string };
  RandomVerticalFlip: Draws<boolean>;
  Resize: Transform & { readonly size: Sized; readonly maxSize?: number | null; readonly interpolation?: string };
}

export type RandomErasingFields = Draws<Rectangle | null> & { readonly value?: number | readonly number[] | 'random' };
export type ComposeFields = Transform & { readonly transforms: readonly Transform[] };
