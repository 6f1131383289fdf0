// Collects the stages of a chain and the steps that draw them. Crops, flips and paddings join the stage before them.

import type { Rectangle } from '../../datasets/images/crop.ts';
import type { PaddingMode, Sides } from '../../datasets/images/pad.ts';
import type { Random } from '../../datasets/random.ts';
import type { Enhancement } from '../../kernels/augmentBlend/blendTable.ts';
import { MOST_FILLS } from '../../kernels/augmentGather/fills.ts';
import type { GeometryDraw, GeometryStage, SampleDraw, Size, Stage } from './augmentation.ts';
import { type Geometry, padded, wholeOf } from './geometry.ts';

type Step = (sample: SampleDraw, random: Random) => void;

export class AugmentationBuilder {
  readonly #stages: Stage[] = [];
  readonly #start: SampleDraw['stages'] = [];
  readonly #steps: Step[] = [];
  #size: Size;
  /** Of an image after the steps so far. */
  channels: 1 | 3;

  /** @param size of the data set's images */
  constructor(size: Size, channels: 1 | 3) {
    this.#size = size;
    this.channels = channels;
    this.#open('gather', size);
  }

  /** Of an image after the steps so far. */
  get size(): Size {
    return this.#size;
  }

  get stages(): readonly Stage[] {
    return this.#stages;
  }

  /** Anything else that a sample draws. */
  step(step: Step): void {
    this.#steps.push(step);
  }

  /** Chooses rows and columns anew, by what `rewrite` draws. */
  rewrite(size: Size, rewrite: (geometry: Geometry, random: Random) => Geometry): void {
    const at = this.#geometryStage();
    this.#stages[at] = { ...(this.#stages[at] as GeometryStage), size };
    this.#size = size;
    this.step(({ stages }, random) => {
      const drawn = stages[at] as GeometryDraw;
      stages[at] = { ...drawn, geometry: rewrite(drawn.geometry, random) };
    });
  }

  /** @param colour of a constant padding, red in the lowest byte */
  pad(padding: Sides, mode: PaddingMode, colour: number): void {
    const [left, top, right, bottom] = padding;
    if (left + top + right + bottom === 0) return;
    const fill = mode === 'constant' ? this.#addFill(colour) : 0;
    const [height, width] = this.#size;
    this.rewrite([height + top + bottom, width + left + right], (geometry) => padded(geometry, padding, mode, fill));
  }

  /** Resizes what `partOf` draws; all of it where that is absent. */
  resize(size: Size, partOf?: (random: Random) => Rectangle): void {
    const at = this.#open('resize', size);
    if (!partOf) return;
    this.step(({ stages }, random) => {
      stages[at] = { ...(stages[at] as GeometryDraw), part: partOf(random) };
    });
  }

  /** As many enhancements, one after the other, as `draw` returns. */
  blend(count: number, draw: (random: Random) => readonly { kind: Enhancement; factor: number | null }[]): void {
    const first = this.#stages.length;
    for (let i = 0; i < count; i++) {
      this.#stages.push({ type: 'blend' });
      this.#start.push({ type: 'blend', kind: 'brightness', factor: null });
    }
    this.step(({ stages }, random) => {
      for (const [i, enhancement] of draw(random).entries()) stages[first + i] = { type: 'blend', ...enhancement };
    });
  }

  draw(random: Random): SampleDraw {
    const sample: SampleDraw = { stages: [...this.#start], erased: null };
    for (const step of this.#steps) step(sample, random);
    return sample;
  }

  #open(type: GeometryStage['type'], resized: Size): number {
    const [height, width] = this.#size;
    this.#start.push({ type: 'geometry', part: { top: 0, left: 0, height, width }, geometry: wholeOf(resized) });
    this.#size = resized;
    return this.#stages.push({ type, from: [height, width], resized, size: resized, fills: [] }) - 1;
  }

  /** The last stage, where rows and columns can be chosen; behind an enhancement a resize to the same size. */
  #geometryStage(): number {
    const last = this.#stages.length - 1;
    return this.#stages[last].type === 'blend' ? this.#open('resize', this.#size) : last;
  }

  #addFill(colour: number): number {
    let at = this.#geometryStage();
    if ((this.#stages[at] as GeometryStage).fills.length === MOST_FILLS) at = this.#open('resize', this.#size);
    const stage = this.#stages[at] as GeometryStage;
    this.#stages[at] = { ...stage, fills: [...stage.fills, colour] };
    return stage.fills.length;
  }
}
