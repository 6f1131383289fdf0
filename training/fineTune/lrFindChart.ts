// The loss over the learning rate, and the rate that is suggested.
import { COLORS, type Layer, vegaSvg } from '../report/vegaSvg.ts';
import type { LrFindResult } from './lrFind.ts';

/** @returns SVG text; values that are no numbers, and those above twice the first loss, are left out */
export async function lrFindSvg({ points, suggestion }: LrFindResult): Promise<string> {
  const finite = points.filter(({ loss, smoothed }) => Number.isFinite(loss) && Number.isFinite(smoothed));
  const top = 2 * (finite[0]?.smoothed ?? 1);
  const line = (field: 'loss' | 'smoothed', series: string, color: string): Layer => ({
    data: {
      values: finite.filter((point) => point[field] <= top).map((point) => ({ x: point.lr, y: point[field], series })),
    },
    mark: { type: 'line', color, strokeWidth: field === 'loss' ? 1 : 2 },
  });
  const rule: Layer = {
    data: { values: suggestion === null ? [] : [{ x: suggestion }] },
    mark: { type: 'rule', color: COLORS.validation, strokeDash: [5, 4] },
    encoding: { y: { value: 0 }, y2: { value: 280 } },
  };
  return vegaSvg({
    title: {
      text: 'Loss over the learning rate',
      subtitle: suggestion === null ? 'the loss does not fall' : `steepest at ${suggestion.toExponential(1)}`,
    },
    width: 440,
    height: 280,
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: 'learning rate (log scale)',
        scale: { type: 'log', nice: false },
        axis: { format: '.0e' },
      },
      y: { field: 'y', type: 'quantitative', title: 'loss (nats)', scale: { zero: false } },
    },
    layer: [line('loss', 'each batch', COLORS.trainingLight), line('smoothed', 'smoothed', COLORS.training), rule],
  });
}
