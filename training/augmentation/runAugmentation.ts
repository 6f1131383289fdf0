// From the draws of a batch to the kernels: the tables are uploaded first, then every stage is one operation.
import { apply } from '../../engine/apply.ts';
import type { Device } from '../../engine/device.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { augmentBlend } from '../../kernels/augmentBlend/augmentBlend.ts';
import { BLEND_ENTRIES, blendTable } from '../../kernels/augmentBlend/blendTable.ts';
import { augmentGather } from '../../kernels/augmentGather/augmentGather.ts';
import { augmentNormalize } from '../../kernels/augmentNormalize/augmentNormalize.ts';
import { augmentResize } from '../../kernels/augmentResize/augmentResize.ts';
import type { Augmentation, BlendDraw, GeometryDraw, GeometryStage, SampleDraw } from './augmentation.ts';
import { TapTable } from './tapTable.ts';

/** The images of a data set on its device: bytes in planes, each image beginning a word. */
export interface DeviceImages {
  /** uint32 `[count, words]` */
  readonly words: Tensor;
  /** [c, h, w] */
  readonly shape: readonly [channels: number, height: number, width: number];
}

/**
 * @param indices below the number of images
 * @param samples what each of them drew from `augmentation`
 * @returns `[n, c, h, w]`
 */
export function runAugmentation(
  images: DeviceImages,
  indices: ArrayLike<number>,
  samples: readonly SampleDraw[],
  { stages, values, channels, erases }: Augmentation,
): Tensor {
  const { device } = images.words;
  // an upload submits what was recorded before it, so they all come first
  const runs = stages.map((stage, i) => {
    const drawn = samples.map((sample) => sample.stages[i]);
    if (stage.type === 'blend') return blendRun(device, drawn as BlendDraw[]);
    return stage.type === 'gather'
      ? gatherRun(images, indices, drawn as GeometryDraw[], stage)
      : resizeRun(device, drawn as GeometryDraw[], stage);
  });
  const table = device.tensor(values, [channels, values.length / channels]);
  const erased = erases ? device.tensor(erasedRectangles(samples), [samples.length, 4]) : undefined;
  let pixels: Tensor | undefined;
  for (const run of runs) {
    const before = pixels;
    pixels = run(before);
    if (pixels !== before) before?.dispose();
  }
  return apply(augmentNormalize, { x: pixels, values: table, erased }, {}).y;
}

type Run = (pixels: Tensor | undefined) => Tensor;

function gatherRun(
  { words, shape }: DeviceImages,
  indices: ArrayLike<number>,
  drawn: readonly GeometryDraw[],
  { size, fills }: GeometryStage,
): Run {
  const entries = 1 + size[0] + size[1];
  const table = new Int32Array(drawn.length * entries);
  for (const [i, { geometry }] of drawn.entries()) {
    table[i * entries] = indices[i];
    table.set(geometry.rows, i * entries + 1);
    table.set(geometry.columns, i * entries + 1 + size[0]);
  }
  const plan = words.device.tensor(table, [drawn.length, entries]);
  return () => apply(augmentGather, { images: words, plan }, { image: shape, size, fills }).y;
}

function resizeRun(device: Device, drawn: readonly GeometryDraw[], { resized, size, fills }: GeometryStage): Run {
  const entries = 2 + size[0] + size[1];
  const plans = new Int32Array(drawn.length * entries);
  const taps = new TapTable();
  for (const [i, { part, geometry }] of drawn.entries()) {
    const rowStart = taps.startOf(part.height, resized[0]);
    const columnStart = taps.startOf(part.width, resized[1]);
    plans[i * entries] = part.top;
    plans[i * entries + 1] = part.left;
    const inTable = (start: number) => (shown: number) => (shown < 0 ? shown : start + shown);
    plans.set(geometry.rows.map(inTable(rowStart)), i * entries + 2);
    plans.set(geometry.columns.map(inTable(columnStart)), i * entries + 2 + size[0]);
  }
  const plan = device.tensor(plans, [drawn.length, entries]);
  const table = device.tensor(taps.table.values, taps.table.shape);
  return (pixels) => apply(augmentResize, { x: pixels, plan, taps: table }, { size, fills }).y;
}

function blendRun(device: Device, drawn: readonly BlendDraw[]): Run {
  const active = drawn.filter(({ factor }) => factor !== null);
  if (active.length === 0) return (pixels) => pixels!;
  const tables = new Int32Array(drawn.length * BLEND_ENTRIES);
  for (const [i, { kind, factor }] of drawn.entries()) tables.set(blendTable(kind, factor), i * BLEND_ENTRIES);
  const plan = device.tensor(tables, [drawn.length, BLEND_ENTRIES]);
  const contrast = active.some(({ kind }) => kind === 'contrast');
  return (pixels) => apply(augmentBlend, { x: pixels, plan }, { contrast }).y;
}

function erasedRectangles(samples: readonly SampleDraw[]): Int32Array<ArrayBuffer> {
  return Int32Array.from(
    samples.flatMap(({ erased }) => (erased ? [erased.top, erased.left, erased.height, erased.width] : [0, 0, 0, 0])),
  );
}
