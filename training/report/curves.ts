// curves.svg: how loss and accuracy went over a run, from the rows of metrics.jsonl.
import type { EpochRow, MetricRow, StepRow } from './metricRow.ts';
import { COLORS, type Layer, type LayeredSpec, vegaSvg } from './vegaSvg.ts';

interface Point {
  x: number;
  y: number;
}

/** A longer run is averaged into this many points, which keeps the SVG small and the line as it looks. */
const MAX_POINTS = 800;

const SERIES = {
  'training, each step': COLORS.trainingLight,
  'training, smoothed': COLORS.training,
  training: COLORS.training,
  'test, each epoch': COLORS.validation,
  'validation, each epoch': COLORS.validation,
};

type Split = NonNullable<EpochRow['split']>;

/**
 * Two panels side by side: loss over steps (training as it came and smoothed, the test or validation after
 * each epoch, as the rows say) and accuracy over epochs. The loss axis is logarithmic where the losses span a factor of 10. NaNs are left out.
 * @param metrics rows in the order they were written; accuracies as fractions of 1
 * @returns SVG text
 */
export async function curvesSvg(metrics: MetricRow[]): Promise<string> {
  const steps = metrics.filter((row) => row.kind === 'step');
  const epochs = metrics.filter((row) => row.kind === 'epoch');
  const split = epochs.at(-1)?.split ?? 'test';
  return vegaSvg({
    hconcat: [lossPanel(steps, epochs, split), accuracyPanel(epochs, split)],
    spacing: 36,
    resolve: { scale: { color: 'independent' } },
  });
}

function lossPanel(steps: StepRow[], epochs: EpochRow[], split: Split): LayeredSpec {
  const finite = steps.filter((row) => Number.isFinite(row.loss));
  const raw = binned(finite.map((row) => ({ x: row.step, y: row.loss })));
  const smoothed = binned(exponentialMean(finite.map((row) => row.loss)).map((y, i) => ({ x: finite[i].step, y })));
  const tested = epochs.filter((row) => Number.isFinite(row.testLoss)).map((row) => ({ x: row.step, y: row.testLoss }));

  const last = tested.at(-1);
  const lastStep = Math.max(1, steps.at(-1)?.step ?? 0, epochs.at(-1)?.step ?? 0);
  return {
    title: {
      text: 'Cross-entropy loss',
      subtitle: last ? `${split} ${last.y.toFixed(4)} after step ${last.x}` : ' ',
    },
    width: 440,
    height: 280,
    encoding: {
      x: axis('x', 'step (optimizer updates)', [0, 1.02 * lastStep], ',d', 6),
      y: lossAxis([...smoothed, ...tested].map((point) => point.y)),
      color: color(['training, each step', 'training, smoothed', `${split}, each epoch`]),
    },
    layer: [
      line(raw, 'training, each step', { strokeWidth: 1, clip: true }),
      line(smoothed, 'training, smoothed', { clip: true }),
      line(tested, `${split}, each epoch`, { point: { size: 50 } }),
    ],
  };
}

/** Single steps that fall far below all of `losses` are clipped, or they would take most of a logarithmic axis. */
function lossAxis(losses: number[]) {
  const lowest = Math.min(...losses);
  const highest = Math.max(...losses);
  if (lowest > 0 && highest > 10 * lowest) {
    const log = axis('y', 'loss (nats, log scale)', [lowest / 2, highest * 1.2], '.4~g', 6);
    return { ...log, scale: { ...log.scale, type: 'log' } } as const;
  }
  return axis('y', 'loss (nats)', [0, Number.isFinite(highest) ? highest * 1.05 || 1 : 1], '.4~g', 6);
}

function accuracyPanel(epochs: EpochRow[], split: Split): LayeredSpec {
  const training = epochs
    .filter((row) => Number.isFinite(row.trainAccuracy))
    .map((row) => ({ x: row.epoch, y: 100 * row.trainAccuracy! }));
  const tested = epochs
    .filter((row) => Number.isFinite(row.testAccuracy))
    .map((row) => ({ x: row.epoch, y: 100 * row.testAccuracy }));
  const points = [...training, ...tested];
  const lowest = Math.min(100, ...points.map((point) => point.y));
  const span = Math.max(100 - lowest, 0.5);
  const last = tested.at(-1);
  const firstEpoch = epochs[0]?.epoch ?? 1;
  const lastEpoch = epochs.at(-1)?.epoch ?? 1;
  const margin = 0.04 * (lastEpoch - firstEpoch) || 0.5;
  return {
    title: { text: 'Accuracy', subtitle: last ? `${split} ${last.y.toFixed(2)} % after epoch ${last.x}` : ' ' },
    width: 340,
    height: 280,
    encoding: {
      x: axis('x', 'epoch', [firstEpoch - margin, lastEpoch + margin], 'd', 6),
      y: axis('y', 'accuracy (%)', points.length ? [Math.max(0, lowest - 0.15 * span), 100] : [0, 100], '.4~g', 6),
      color: color([...(training.length ? ['training' as const] : []), `${split}, each epoch` as const]),
    },
    layer: [
      line(training, 'training', { point: { size: 30 } }),
      line(tested, `${split}, each epoch`, { point: { size: 50 } }),
    ],
  };
}

function line(points: Point[], series: keyof typeof SERIES, mark: object): Layer {
  const values = points.map((point) => ({ ...point, series }));
  return { data: { values }, mark: { type: 'line', strokeWidth: 2, ...mark } };
}

function axis(field: 'x' | 'y', title: string, domain: [number, number], format: string, tickCount: number) {
  return {
    field,
    type: 'quantitative',
    title,
    scale: { domain, nice: false },
    axis: { format, tickCount, tickMinStep: format.endsWith('d') ? 1 : undefined, labelFlush: field === 'y' },
  } as const;
}

function color(domain: (keyof typeof SERIES)[]) {
  return {
    field: 'series',
    type: 'nominal',
    title: null,
    scale: { domain, range: domain.map((series) => SERIES[series]) },
    legend: { orient: 'bottom', labelLimit: 0, symbolType: 'stroke', symbolStrokeWidth: 3 },
  } as const;
}

/** Exponential mean over about √n of n values, corrected for its start at zero as in Adam. */
function exponentialMean(values: number[]): number[] {
  const decay = 1 - 1 / Math.max(1, Math.sqrt(values.length));
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    sum = decay * sum + (1 - decay) * value;
    weight = decay * weight + (1 - decay);
    return sum / weight;
  });
}

/** Means of equal runs of neighbours, at most MAX_POINTS of them. */
function binned(points: Point[]): Point[] {
  const size = Math.ceil(points.length / MAX_POINTS);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, bin) => {
    const members = points.slice(bin * size, (bin + 1) * size);
    const mean = (pick: (point: Point) => number) => members.reduce((sum, p) => sum + pick(p), 0) / members.length;
    return { x: mean((p) => p.x), y: mean((p) => p.y) };
  });
}
