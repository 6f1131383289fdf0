// Cuts a launch into pieces when a tensor exceeds the device's binding limit (128 MiB by default): one helper for all.
import type { Axis, Launch, Range } from '../kernels/definition.ts';
import { ShapeError } from '../kernels/errors.ts';
import type { BufferRange } from './pipelines.ts';

/** The range of each axis that one dispatch works on. */
export type Piece = Readonly<Record<string, Range>>;

/** What a binding binds. */
export interface Bound extends BufferRange {
  /** Of its tensor's dtype. */
  readonly elementBytes: number;
}

/** WebGPU's default minStorageBufferOffsetAlignment: safe on every adapter. */
const OFFSET_ALIGNMENT = 256;

/**
 * The ranges of every piece, in the order to launch them. One piece where everything fits.
 * @param whole what each WGSL binding would bind uncut
 * @throws ShapeError when an oversized tensor is not cut by any axis of the launch
 */
export function splitLaunch(
  { shader, axes }: Pick<Launch, 'shader' | 'axes'>,
  whole: Readonly<Record<string, Bound>>,
  limit: number,
): Piece[] {
  const oversized = Object.keys(whole).filter((name) => whole[name].size > limit);
  let pieces: Piece[] = [{}];
  for (const [name, axis] of Object.entries(axes)) {
    const cut = oversized.filter((binding) => binding in axis.slices);
    const isCut = cut.length > 0 || axis.extent > (axis.most ?? Infinity);
    const count = isCut ? unitsThatFit(shader.label, axis, { whole, cut, limit }) : axis.extent;
    const ranges: Range[] = [];
    for (let start = 0; start < axis.extent; start += count) {
      ranges.push({ start, count: Math.min(count, axis.extent - start) });
    }
    pieces = pieces.flatMap((piece) => ranges.map((range) => ({ ...piece, [name]: range })));
  }
  const uncut = oversized.find((binding) => !Object.values(axes).some(({ slices }) => binding in slices));
  if (uncut) {
    throw new ShapeError(
      `${shader.label}: '${uncut}' has ${whole[uncut].size} bytes, this adapter binds at most ${limit}, and this kernel cannot be cut along it`,
    );
  }
  return pieces;
}

/** The parts of the bound tensors that a piece works on. */
export function sliced(
  whole: Readonly<Record<string, Bound>>,
  axes: Readonly<Record<string, Axis>>,
  piece: Piece,
): Record<string, BufferRange> {
  const parts: Record<string, BufferRange> = { ...whole };
  for (const [name, { slices }] of Object.entries(axes)) {
    for (const [binding, elements] of Object.entries(slices)) {
      if (!elements) continue; // an empty tensor: a stand-in is bound whole
      const { buffer, offset, elementBytes } = whole[binding];
      const unit = elements * elementBytes;
      const size = Math.ceil((piece[name].count * unit) / 4) * 4; // an odd number of halves ends within a word
      parts[binding] = { buffer, offset: offset + piece[name].start * unit, size };
    }
  }
  return parts;
}

function unitsThatFit(
  label: string,
  { slices, most: mostUnits = Infinity }: Axis,
  { whole, cut, limit }: { whole: Readonly<Record<string, Bound>>; cut: readonly string[]; limit: number },
): number {
  const unitBytes = (binding: string) => slices[binding] * whole[binding].elementBytes;
  // every slice of the axis starts at a multiple of `step` units, so all their offsets are aligned
  const step = Object.keys(slices).reduce((units, binding) => {
    const own = OFFSET_ALIGNMENT / greatestCommonDivisor(OFFSET_ALIGNMENT, unitBytes(binding));
    return (units * own) / greatestCommonDivisor(units, own);
  }, 1);
  const most = Math.min(mostUnits, ...cut.map((binding) => Math.floor(limit / unitBytes(binding))));
  const units = Math.floor(most / step) * step;
  if (units < 1) {
    throw new ShapeError(
      `${label}: ${step} unit(s) of '${cut[0] ?? Object.keys(slices)[0]}' along the axis it is cut by need more than the ${limit} bytes this adapter binds`,
    );
  }
  return units;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
