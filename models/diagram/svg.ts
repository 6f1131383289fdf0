// Draws layouts as one SVG: the overview at the left, a panel for each kind of block beside it.

import type { Figure } from './blocks.ts';
import type { Box, BoxKind } from './boxes.ts';
import { type Layout, layoutOf, NOTE_SIZE, type PlacedBox, TITLE_SIZE } from './layout.ts';

export interface Heading {
  readonly title: string;
  readonly subtitle: string;
  /** Of each module by its dotted name; with them every box says what it costs and can be chosen on a page. */
  readonly costs?: ReadonlyMap<string, Cost> | undefined;
}

export interface Cost {
  readonly parameters: number;
  readonly macs: number;
}

const FILLS: Readonly<Record<BoxKind, string>> = {
  input: '#ffffff',
  convolution: '#d6e6f5',
  linear: '#fbe3cf',
  pooling: '#d9efe2',
  merge: '#f3ecd2',
  block: '#e7e0f3',
  other: '#eceef1',
};
const STROKE = '#5c6570';
const MARGIN = 24;
const HEADING = 56;
const PANEL_TITLE = 26;

export function figureSvg({ overview, panels }: Figure, { title, subtitle, costs }: Heading): string {
  const detailOf = (box: Box) => (costs ? costText(box, costs) : '');
  const isInteractive = costs !== undefined;
  const main = layoutOf(overview, detailOf);
  const sides = panels.map(({ title: name, module, boxes }) => ({ name, module, layout: layoutOf(boxes, detailOf) }));
  const columns = columnsOf(sides, main.height);
  let right = MARGIN + main.width + (sides.length ? 2 * MARGIN : 0);
  const drawn: string[] = [];
  let bottom = HEADING + main.height;
  for (const column of columns) {
    let y = HEADING;
    for (const { name, module, layout } of column) {
      drawn.push(panelSvg({ name, module, layout }, { x: right, y, isInteractive }));
      y += PANEL_TITLE + layout.height + 3 * MARGIN;
    }
    bottom = Math.max(bottom, y - 2 * MARGIN);
    right += Math.max(...column.map(({ layout }) => layout.width)) + 2.5 * MARGIN;
  }
  const textWidth = MARGIN * 2 + Math.max(title.length * 10, subtitle.length * 6.4);
  const width = Math.ceil(Math.max(right + MARGIN / 2, MARGIN * 2 + main.width, textWidth));
  const height = Math.ceil(bottom + MARGIN * 1.5);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif">
<title>${escaped(title)}</title>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="${STROKE}"/></marker></defs>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${text(title, { x: MARGIN, y: 24, size: 17, weight: 'bold', anchor: 'start' })}
${text(subtitle, { x: MARGIN, y: 42, size: 12, color: STROKE, anchor: 'start' })}
${layoutSvg(main, { x: MARGIN, y: HEADING, isInteractive })}
${drawn.join('\n')}
</svg>
`;
}

interface Side {
  readonly name: string;
  readonly module: string;
  readonly layout: Layout;
}

/** Panels below each other as long as the overview is tall, then in a further column. */
function columnsOf(sides: readonly Side[], height: number): Side[][] {
  const columns: Side[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const side of sides) {
    const own = side.layout.height + PANEL_TITLE + 3 * MARGIN;
    if (used + own > Math.max(height, 700)) {
      columns.push([]);
      used = 0;
    }
    columns.at(-1)!.push(side);
    used += own;
  }
  return columns;
}

interface Place {
  x: number;
  y: number;
  isInteractive: boolean;
}

function panelSvg({ name, module, layout }: Side, { x, y, isInteractive }: Place): string {
  const frame = `<rect x="${x - 12}" y="${y - 4}" width="${layout.width + 24}" height="${layout.height + PANEL_TITLE + 34}" rx="8" fill="none" stroke="#c9ced6" stroke-dasharray="5 4"/>`;
  const label = text(`${name}: ${module}`, { x, y: y + 14, size: 13, weight: 'bold', anchor: 'start' });
  return [frame, label, layoutSvg(layout, { x, y: y + PANEL_TITLE, isInteractive })].join('\n');
}

function layoutSvg({ boxes, arrows }: Layout, { x, y, isInteractive }: Place): string {
  const lines = arrows.map(
    (points) => `<path d="${curve(points)}" fill="none" stroke="${STROKE}" marker-end="url(#arrow)"/>`,
  );
  return `<g transform="translate(${x} ${y})">\n${[...lines, ...boxes.map(isInteractive ? buttonSvg : boxSvg)].join('\n')}\n</g>`;
}

/** A box that a page can let its reader choose. An image is no layer. */
function buttonSvg(placed: PlacedBox): string {
  const { kind, module } = placed.box;
  if (kind === 'input') return `<g class="input">${boxSvg(placed)}</g>`;
  // its name is what is written in it, as words of their own
  const content = boxSvg(placed).replaceAll('</text><text', '</text> <text');
  return `<g class="box ${kind}" data-module="${escaped(module)}" tabindex="0" role="button">${content}</g>`;
}

/** `9,408 parameters, 118 M MACs`; nothing for what has neither. */
function costText({ modules }: Box, costs: ReadonlyMap<string, Cost>): string {
  const sum = (of: (cost: Cost) => number) => modules.reduce((total, name) => total + of(costs.get(name) ?? NONE), 0);
  const parameters = sum((cost) => cost.parameters);
  const macs = sum((cost) => cost.macs);
  if (!parameters && !macs) return '';
  return `${short(parameters)} parameters, ${short(macs)} MACs`;
}

const NONE: Cost = { parameters: 0, macs: 0 };

/** Three digits: `9.41 k`. */
function short(count: number): string {
  const [divisor, unit] = [[1e9, ' G'] as const, [1e6, ' M'] as const, [1e3, ' k'] as const].find(
    ([least]) => count >= least,
  ) ?? [1, ''];
  return `${Number((count / divisor).toPrecision(3))}${unit}`;
}

function boxSvg({ box, detail, x, y, width, height, leavesRight }: PlacedBox): string {
  const { kind, title, notes, shape } = box;
  const middle = x + width / 2;
  const rounding = kind === 'merge' && title === '+' ? height / 2 : 5;
  const furtherLines = Number(notes.length > 0) + Number(detail !== '');
  const first = y + (height / 2 + TITLE_SIZE * 0.36) - furtherLines * 7.68;
  return [
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${round(rounding)}" fill="${FILLS[kind]}" stroke="${STROKE}"/>`,
    text(title, { x: middle, y: first, size: TITLE_SIZE }),
    ...(notes.length
      ? [text(notes.join(', '), { x: middle, y: first + NOTE_SIZE + 4, size: NOTE_SIZE, color: '#3c434d' })]
      : []),
    ...(detail
      ? [text(detail, { x: middle, y: first + furtherLines * (NOTE_SIZE + 4), size: NOTE_SIZE, color: '#3c434d' })]
      : []),
    // beside the arrow that leaves the box; the halo keeps it readable where arrows cross
    ...(shape.length
      ? [
          text(shape.join(' × '), {
            x: leavesRight ? middle - 6 : middle + 6,
            y: y + height + NOTE_SIZE + 2,
            size: NOTE_SIZE - 1,
            color: '#0b5a8f',
            anchor: leavesRight ? 'end' : 'start',
            halo: true,
          }),
        ]
      : []),
  ].join('');
}

interface TextOptions {
  x: number;
  y: number;
  size: number;
  color?: string;
  weight?: string;
  anchor?: string;
  halo?: boolean;
}

function text(
  content: string,
  { x, y, size, color = '#22272e', weight = 'normal', anchor = 'middle', halo = false }: TextOptions,
): string {
  const around = halo ? ' paint-order="stroke" stroke="#ffffff" stroke-width="3"' : '';
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" fill="${color}" text-anchor="${anchor}"${around}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Through the middles of the segments, so that corners are round. */
function curve(points: readonly { x: number; y: number }[]): string {
  const [start, ...rest] = points;
  const end = rest.at(-1)!;
  const middles = rest.slice(0, -1).map((point, i) => {
    const next = rest[i + 1];
    return `Q${round(point.x)} ${round(point.y)} ${round((point.x + next.x) / 2)} ${round((point.y + next.y) / 2)}`;
  });
  return `M${round(start.x)} ${round(start.y)} ${middles.join(' ')} L${round(end.x)} ${round(end.y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
