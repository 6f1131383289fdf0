// roofline.svg: what each kernel reaches of what the adapter can do, after Williams, Waterman and Patterson 2009,
// https://doi.org/10.1145/1498765.1498785.
import { placeLabels } from './placeLabels.ts';
import { type Layer, vegaSvg } from './vegaSvg.ts';

export interface RooflinePoint {
  readonly name: string;
  readonly phase: 'forward' | 'backward' | 'optimizer';
  readonly milliseconds: number;
  readonly flop: number;
  readonly bytes: number;
  /** Of the step's time, 0 … 1. */
  readonly share: number;
}

export interface RooflineOptions {
  /** Of the measured copy. */
  readonly bytesPerSecond: number;
  /** Of the measured multiply-adds. */
  readonly flopPerSecond: number;
  readonly title: string;
  /** Of the adapter. */
  readonly adapter: string;
}

const SIZE = { width: 640, height: 420 };
/** Square pixels of a mark: of a kernel that takes the whole step, and the least that can be seen. */
const LARGEST_AREA = 1600;
const LEAST_AREA = 16;
/** The longest are named. */
const LABELS = 9;
/** Okabe and Ito's colours, told apart by the colour-blind. */
const PHASES = { forward: '#0072b2', backward: '#d55e00', optimizer: '#009e73' };

interface Extent {
  readonly low: number;
  readonly high: number;
}

/**
 * Rates over intensity, both logarithmic, under the roof; areas are shares of the step. Kernels that compute nothing
 * have no intensity and are left out; the subtitle says so.
 * @returns SVG text
 */
export async function rooflineSvg(points: readonly RooflinePoint[], options: RooflineOptions): Promise<string> {
  const { bytesPerSecond, flopPerSecond, title, adapter } = options;
  const drawn = points
    .filter(({ flop, bytes, milliseconds }) => flop > 0 && bytes > 0 && milliseconds > 0)
    .map(({ flop, bytes, milliseconds, ...point }) => ({
      ...point,
      intensity: flop / bytes,
      rate: flop / milliseconds / 1e6,
      area: Math.max(LEAST_AREA, LARGEST_AREA * point.share),
    }))
    .sort((a, b) => b.area - a.area); // small marks over large ones
  const left = points.filter(({ flop }) => flop === 0);
  const ridge = flopPerSecond / bytesPerSecond;
  const x = extentOf([...drawn.map(({ intensity }) => intensity), ridge]);
  const y = extentOf([...drawn.map(({ rate }) => rate), flopPerSecond / 1e9]);
  const roofAt = (intensity: number) => Math.min(flopPerSecond, intensity * bytesPerSecond) / 1e9;
  // the slope begins where it enters the panel
  const start = Math.max(x.low, (y.low * 1e9) / bytesPerSecond);
  const roof = [start, ridge, x.high].map((intensity) => ({ intensity, rate: roofAt(intensity) }));
  const layers: Layer[] = [
    { data: { values: roof }, mark: { type: 'line', color: '#22272e', strokeWidth: 1.5 } },
    {
      data: { values: drawn },
      mark: { type: 'circle', opacity: 0.75, stroke: '#ffffff', strokeWidth: 0.5 },
      encoding: {
        size: { field: 'area', type: 'quantitative', scale: null, legend: null },
        color: {
          field: 'phase',
          type: 'nominal',
          title: null,
          scale: { domain: Object.keys(PHASES), range: Object.values(PHASES) },
        },
      },
    },
    ...labelLayers(
      drawn.map((point, i) => ({ ...point, name: i < LABELS ? point.name : '' })),
      x,
      y,
    ),
  ];
  return vegaSvg({
    title: {
      text: title,
      subtitle: [
        adapter,
        `roof: copies at ${gigas(bytesPerSecond)} GB/s, multiply-adds at ${gigas(flopPerSecond)} GFLOP/s; area: share of the step`,
        ...(left.length ? [leftOut(left)] : []),
      ],
    },
    ...SIZE,
    encoding: {
      x: {
        field: 'intensity',
        type: 'quantitative',
        title: 'FLOP for each byte',
        scale: { type: 'log', domain: [x.low, x.high], nice: false },
        axis: { format: '~g', tickCount: 8, grid: true },
      },
      y: {
        field: 'rate',
        type: 'quantitative',
        title: 'GFLOP/s',
        scale: { type: 'log', domain: [y.low, y.high], nice: false },
        axis: { format: '~g', tickCount: 8 },
      },
    },
    layer: layers,
  });
}

/** Those without a name only keep their place free. */
function labelLayers(
  points: readonly { name: string; intensity: number; rate: number; area: number }[],
  x: Extent,
  y: Extent,
): Layer[] {
  const marks = points.map(({ name, intensity, rate, area }) => ({
    text: name,
    x: SIZE.width * part(x, intensity),
    y: SIZE.height * (1 - part(y, rate)),
    radius: Math.sqrt(area / Math.PI),
  }));
  const at = (i: number, { dx, dy }: { dx: number; dy: number }) => ({
    intensity: valueAt(x, (marks[i].x + dx) / SIZE.width),
    rate: valueAt(y, 1 - (marks[i].y + dy) / SIZE.height),
  });
  const places = placeLabels(marks, SIZE);
  const leaders = places.flatMap(({ leader }, i) =>
    leader && marks[i].text ? [leader, { dx: 0, dy: 0 }].map((end) => ({ i, ...at(i, end) })) : [],
  );
  return [
    {
      data: { values: leaders },
      mark: { type: 'line', strokeWidth: 0.8, color: '#5c6570' },
      encoding: { detail: { field: 'i' } },
    },
    {
      data: {
        values: places.map((place, i) => ({ text: marks[i].text, ...at(i, place) })).filter(({ text }) => text),
      },
      mark: { type: 'text', fontSize: 10, color: '#22272e', baseline: 'middle' },
      encoding: { text: { field: 'text' } },
    },
  ];
}

/** Whole powers of ten around the values. */
function extentOf(values: readonly number[]): Extent {
  const exponents = values.map((value) => Math.log10(value));
  return { low: 10 ** Math.floor(Math.min(...exponents) - 0.1), high: 10 ** Math.ceil(Math.max(...exponents) + 0.1) };
}

/** Where a value lies between the ends of a logarithmic axis, 0 … 1. */
function part({ low, high }: Extent, value: number): number {
  return Math.log(value / low) / Math.log(high / low);
}

function valueAt({ low, high }: Extent, part: number): number {
  return low * (high / low) ** part;
}

function leftOut(left: readonly RooflinePoint[]): string {
  const share = left.reduce((sum, point) => sum + point.share, 0);
  return `left out: ${left.length} that compute nothing, ${(100 * share).toFixed(1)} % of the time`;
}

function gigas(perSecond: number): string {
  return Number((perSecond / 1e9).toPrecision(3)).toLocaleString('en-US');
}
