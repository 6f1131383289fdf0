// Curves that grow while one looks: uPlot, redrawn when the data or the width changes.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { themeColours } from './themeColours.ts';
import 'uplot/dist/uPlot.min.css';

export interface LineSeries {
  readonly label: string;
  /** Where several charts show the same thing, of the same colour: 0 to 3. Default: its place. */
  readonly colour?: number | undefined;
  readonly points: readonly (readonly [x: number, y: number])[];
}

interface LineChartProps {
  series: readonly LineSeries[];
  xLabel: string;
  yLabel: string;
  /** Pixels. Default 220. */
  height?: number | undefined;
  /** Of the y axis. Default: what the data takes. */
  range?: readonly [low: number, high: number] | undefined;
}

export function LineChart({ series, xLabel, yLabel, height = 220, range }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const labels = series.map(({ label }) => label).join('\n');

  // new points are set below, without a new chart
  useEffect(() => {
    const target = box.current!;
    const draw = () => {
      plot.current?.destroy();
      const { text, grid, series: colours } = themeColours(target);
      const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
      plot.current = new uPlot(
        {
          width: Math.max(target.clientWidth, 200),
          height,
          scales: { x: { time: false }, y: range ? { range: [range[0], range[1]] } : {} },
          axes: [
            { ...axis, label: xLabel },
            { ...axis, label: yLabel, size: 60 },
          ],
          series: [
            { label: xLabel },
            ...series.map(({ label, colour }, index) => ({
              label,
              stroke: colours[(colour ?? index) % colours.length]!,
              width: 2,
              spanGaps: true,
              // colours come round again, dashed
              ...(index >= colours.length && { dash: [6, 4] }),
            })),
          ],
          legend: { markers: { dash: (chart, index) => (chart.series[index]?.dash ? 'dashed' : 'solid') } },
        },
        aligned(series),
        target,
      );
    };
    draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: Math.max(target.clientWidth, 200), height }));
    sizes.observe(target);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      sizes.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
    };
  }, [labels, xLabel, yLabel, height]);

  useEffect(() => plot.current?.setData(aligned(series)), [series]);

  const last = series.map(({ label, points }) => `${label} ${points.at(-1)?.[1].toPrecision(4) ?? 'has no points'}`);
  return (
    <figure class="line-chart">
      <div ref={box} role="img" aria-label={`${yLabel} over ${xLabel}: ${last.join(', ')}`} />
    </figure>
  );
}

/** uPlot wants one x for all series. */
function aligned(series: readonly LineSeries[]): uPlot.AlignedData {
  const columns = series.map(({ points }) => new Map(points));
  const xs = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
  return [xs, ...columns.map((column) => xs.map((x) => column.get(x) ?? null))];
}
