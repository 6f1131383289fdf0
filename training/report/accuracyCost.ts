// compare.svg: published accuracy against cost, one panel for each data set.
import { placeLabels } from './placeLabels.ts';
import { type LayeredSpec, vegaSvg } from './vegaSvg.ts';

export interface AccuracyCost {
  readonly name: string;
  readonly family: string;
  /** `ImageNet`, `CIFAR-10`. */
  readonly dataset: string;
  /** Percent. */
  readonly top1: number;
  /** For one image. */
  readonly macs: number;
  readonly parameters: number;
}

const SIZE = { width: 600, height: 460 };
/** Square pixels of a mark: the panel's largest, and the least that can be seen. */
const LARGEST_AREA = 260;
const LEAST_AREA = 12;
/** Okabe and Ito's colours, told apart by the colour-blind, and grey. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#5c6570', '#000000'];

/**
 * Accuracy over multiply-accumulates (logarithmic); areas are parameters (each panel has its scale), colours families.
 * @returns SVG text
 */
export async function accuracyCostSvg(models: readonly AccuracyCost[]): Promise<string> {
  const datasets = [...new Set(models.map(({ dataset }) => dataset))];
  const families = [...new Set(models.map(({ family }) => family))];
  return vegaSvg({
    hconcat: datasets.map((dataset) =>
      panel(
        dataset,
        models.filter((model) => model.dataset === dataset),
        families,
      ),
    ),
    spacing: 40,
  });
}

function panel(dataset: string, models: readonly AccuracyCost[], families: readonly string[]): LayeredSpec {
  const x = rangeOf(models.map(({ macs }) => Math.log10(macs / 1e9)));
  const y = rangeOf(models.map(({ top1 }) => top1));
  const most = Math.max(...models.map(({ parameters }) => parameters));
  const points = models.map((model) => ({
    ...model,
    gmacs: model.macs / 1e9,
    area: Math.max(LEAST_AREA, (LARGEST_AREA * model.parameters) / most),
  }));
  const toPixels = ({ gmacs, top1 }: { gmacs: number; top1: number }) => ({
    x: (SIZE.width * (Math.log10(gmacs) - x.low)) / (x.high - x.low),
    y: (SIZE.height * (y.high - top1)) / (y.high - y.low),
  });
  const toValues = (pixels: { x: number; y: number }) => ({
    gmacs: 10 ** (x.low + (pixels.x / SIZE.width) * (x.high - x.low)),
    top1: y.high - (pixels.y / SIZE.height) * (y.high - y.low),
  });
  const marks = points.map((point) => ({
    text: point.name,
    ...toPixels(point),
    radius: Math.sqrt(point.area / Math.PI),
  }));
  const places = placeLabels(marks, SIZE);
  const fromMark = (i: number, { dx, dy }: { dx: number; dy: number }) =>
    toValues({ x: marks[i].x + dx, y: marks[i].y + dy });
  const labels = places.map((place, i) => ({ text: marks[i].text, ...fromMark(i, place) }));
  // a thin line where a label had to go away from its mark
  const leaders = places.flatMap(({ leader }, i) =>
    leader ? [leader, { dx: 0, dy: 0 }].map((end) => ({ i, ...fromMark(i, end) })) : [],
  );
  const shared = {
    x: {
      field: 'gmacs',
      type: 'quantitative' as const,
      title: 'multiply-accumulates for one image, G',
      scale: { type: 'log' as const, domain: [10 ** x.low, 10 ** x.high], nice: false },
      axis: { format: '~g', tickCount: 6, grid: true },
    },
    y: {
      field: 'top1',
      type: 'quantitative' as const,
      title: 'published top-1 accuracy, %',
      scale: { domain: [y.low, y.high], nice: false, zero: false },
    },
  };
  return {
    title: { text: dataset, subtitle: `area: parameters, at most ${(most / 1e6).toFixed(1)} million` },
    ...SIZE,
    layer: [
      {
        data: { values: points },
        mark: { type: 'circle', opacity: 0.75, stroke: '#ffffff', strokeWidth: 0.5 },
        encoding: {
          ...shared,
          size: { field: 'area', type: 'quantitative', scale: null, legend: null },
          color: {
            field: 'family',
            type: 'nominal',
            title: null,
            scale: { domain: [...families], range: families.map((_, i) => COLORS[i % COLORS.length]) },
          },
        },
      },
      {
        data: { values: leaders },
        mark: { type: 'line', strokeWidth: 0.8, color: '#5c6570' },
        encoding: { ...shared, detail: { field: 'i' } },
      },
      {
        data: { values: labels },
        mark: { type: 'text', fontSize: 10, color: '#22272e', baseline: 'middle' },
        encoding: { ...shared, text: { field: 'text' } },
      },
    ],
  };
}

/** With a margin of a tenth on either side. */
function rangeOf(values: readonly number[]): { low: number; high: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) / 10 || 1;
  return { low: low - margin, high: high + margin };
}
