// An augmentation as the device runs it: stages for a whole batch, and what each sample draws for them.

import type { Rectangle } from '../../datasets/images/crop.ts';
import type { Random } from '../../datasets/random.ts';
import type { Enhancement } from '../../kernels/augmentBlend/blendTable.ts';
import type { Geometry } from './geometry.ts';

export type Size = readonly [height: number, width: number];

/** What every sample of a batch goes through; the first stage reads the data set, each later one the stage before. */
export type Stage = GeometryStage | { readonly type: 'blend' };

export interface GeometryStage {
  readonly type: 'gather' | 'resize';
  /** Of what it reads. */
  readonly from: Size;
  /** What a resize makes of its part, before rows and columns are chosen among. */
  readonly resized: Size;
  /** Of what it makes. */
  readonly size: Size;
  /** Colours of paddings, red in the lowest byte. */
  readonly fills: readonly number[];
}

/** One sample's part in a stage. */
export interface GeometryDraw {
  readonly type: 'geometry';
  /** What is resized of the input; all of it in the first stage. */
  readonly part: Rectangle;
  readonly geometry: Geometry;
}

export interface BlendDraw {
  readonly type: 'blend';
  readonly kind: Enhancement;
  /** Null leaves the sample alone. */
  readonly factor: number | null;
}

export interface SampleDraw {
  /** One for each stage. */
  readonly stages: (GeometryDraw | BlendDraw)[];
  erased: Rectangle | null;
}

export interface Augmentation {
  readonly stages: readonly Stage[];
  /** What each level becomes, and as the last of each channel an erased pixel: [c, 257]. */
  readonly values: Float32Array<ArrayBuffer>;
  readonly channels: 1 | 3;
  readonly erases: boolean;
  /** Draws what is random for one sample, in the order of the chain. */
  draw(random: Random): SampleDraw;
}
