// Renders a vega-lite chart to SVG text without a browser or canvas, in the one look all our charts share.
import type { Config, TopLevelSpec } from 'vega-lite';

/** A chart that draws several marks over one another, and one of those marks. */
export type LayeredSpec = Extract<TopLevelSpec, { layer: unknown }>;
export type Layer = LayeredSpec['layer'][number];

/** Colours of series that keep their meaning over all charts (Okabe & Ito 2008: told apart by the colour-blind). */
export const COLORS = { training: '#0072b2', trainingLight: '#a6cbe3', validation: '#d55e00' };

const CONFIG: Config = {
  background: '#ffffff',
  padding: 16,
  font: 'Helvetica, Arial, DejaVu Sans, sans-serif',
  view: { stroke: '#d0d4da' },
  axis: {
    gridColor: '#eceef1',
    domainColor: '#9aa1ab',
    tickColor: '#9aa1ab',
    labelColor: '#3c434d',
    titleColor: '#22272e',
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 8,
  },
  title: {
    color: '#22272e',
    subtitleColor: '#5c6570',
    fontSize: 14,
    subtitleFontSize: 12,
    anchor: 'start',
    offset: 10,
  },
  legend: { labelColor: '#3c434d', titleColor: '#22272e', titleFontWeight: 'normal', labelFontSize: 11 },
};

/** @param spec a vega-lite specification with its data inline; `config` of ours is added */
export async function vegaSvg(spec: TopLevelSpec): Promise<string> {
  // loaded here because vega takes some 0.4 s to load, which `wgrad --help` should not pay
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const compiled = vegaLite.compile({ ...spec, config: CONFIG }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
