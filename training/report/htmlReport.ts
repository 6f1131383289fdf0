// One HTML file with everything a run came to: it needs no network, no script and no second file.
import { base64 } from './base64.ts';
import type { ClassFigures, ClassReport } from './classReport.ts';
import { htmlStyle } from './htmlStyle.ts';
import type { MetricRow } from './metricRow.ts';
import { printable } from './printable.ts';

/** All texts are shown as they are: nothing in them is taken for HTML. */
export interface HtmlReport {
  readonly title: string;
  /** The most important numbers, shown large at the top. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  /** What decided the run: plain values, nested ones as JSON. */
  readonly config?: object;
  /** Of metrics.jsonl; a table of its epochs. */
  readonly rows?: readonly MetricRow[];
  readonly classReport?: ClassReport;
  readonly figures?: readonly HtmlFigure[];
  readonly tables?: readonly HtmlTable[];
  /** Lines of text in a fixed width, folded away; a line may be several. */
  readonly listings?: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

export interface HtmlFigure {
  readonly title: string;
  /** SVG text, or the bytes of a PNG file. */
  readonly image: string | Uint8Array;
  readonly caption?: string;
}

export interface HtmlTable {
  readonly title: string;
  readonly header: readonly string[];
  /** Each as long as the header. */
  readonly rows: readonly (readonly string[])[];
}

/** Longer tables are cut, with a line that says so. */
const MAX_ROWS = 1000;

/**
 * The page, light or dark as the reader's system is, readable on a phone. Pictures are inside as data; SVGs as images,
 * in which nothing can run. A policy in its head forbids whatever else a page could load.
 */
export function htmlReport({
  title,
  facts,
  config,
  rows = [],
  classReport,
  figures,
  tables,
  listings,
}: HtmlReport): string {
  const epochs = epochTable(rows);
  const sections = [
    facts?.length ? factList(facts) : '',
    ...(figures ?? []).map(figureSection),
    ...(epochs ? [tableSection(epochs)] : []),
    ...(classReport ? [tableSection(classTable(classReport))] : []),
    ...(tables ?? []).map(tableSection),
    ...(config ? [tableSection(configTable(config))] : []),
    ...(listings ?? []).map(listing),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${htmlStyle}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${sections.filter(Boolean).join('\n')}
</main>
</body>
</html>
`;
}

function factList(facts: readonly (readonly [string, string])[]): string {
  const items = facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`);
  return `<dl class="facts">${items.join('')}</dl>`;
}

function figureSection({ title, image, caption }: HtmlFigure): string {
  const type = typeof image === 'string' ? 'svg+xml' : 'png';
  const data = base64(typeof image === 'string' ? new TextEncoder().encode(image) : image);
  const text = caption === undefined ? '' : `<figcaption>${escaped(caption)}</figcaption>`;
  return `<section><h2>${escaped(title)}</h2><figure><div class="picture" tabindex="0"><img alt="${escaped(title)}" src="data:image/${type};base64,${data}"></div>${text}</figure></section>`;
}

function tableSection({ title, header, rows }: HtmlTable): string {
  const shown = rows.slice(0, MAX_ROWS);
  // a column of numbers stands to the right, its heading too
  const isRight = header.map((_, i) => shown.length > 0 && shown.every((row) => isNumber(row[i] ?? '')));
  const cell = (tag: string, text: string, i: number) =>
    `<${tag}${isRight[i] ? ' class="number"' : ''}>${escaped(text)}</${tag.slice(0, 2)}>`;
  const heads = header.map((text, i) => cell('th scope="col"', text, i));
  const rest = rows.length > MAX_ROWS ? `<p>The first ${MAX_ROWS} of ${rows.length} rows.</p>` : '';
  const body = shown.map((row) => `<tr>${row.map((text, i) => cell('td', text, i)).join('')}</tr>`).join('\n');
  return `<section><h2>${escaped(title)}</h2><div class="wide" tabindex="0"><table><thead><tr>${heads.join('')}</tr></thead><tbody>
${body}
</tbody></table></div>${rest}</section>`;
}

function listing({ title, lines }: { title: string; lines: readonly string[] }): string {
  const text = lines.flatMap((line) => line.split('\n').map(escaped)).join('\n');
  return `<section><details><summary>${escaped(title)}</summary><div class="wide" tabindex="0"><pre>${text}</pre></div></details></section>`;
}

function epochTable(rows: readonly MetricRow[]): HtmlTable | undefined {
  const epochs = rows.filter((row) => row.kind === 'epoch');
  if (epochs.length === 0) return undefined;
  const split = epochs.at(-1)!.split ?? 'test';
  return {
    title: 'Epochs',
    header: [
      'epoch',
      'training loss',
      'training accuracy',
      `${split} loss`,
      `${split} accuracy`,
      'images/s',
      'seconds',
    ],
    rows: epochs.map((row) => [
      String(row.epoch),
      fixed(row.trainLoss, 4),
      percent(row.trainAccuracy),
      fixed(row.testLoss, 4),
      percent(row.testAccuracy),
      fixed(row.imagesPerSecond, 0),
      fixed(row.seconds, 1),
    ]),
  };
}

function classTable({ classes, macro, weighted, top1, top5 }: ClassReport): HtmlTable {
  const row = (name: string, { precision, recall, f1, support }: ClassFigures) => [
    name,
    percent(precision),
    percent(recall),
    percent(f1),
    String(support),
  ];
  const top = top5 === undefined ? '' : `, top-5 ${percent(top5)}`;
  return {
    title: `Classes: top-1 ${percent(top1)}${top}`,
    header: ['class', 'precision', 'recall', 'F1', 'images'],
    rows: [
      ...classes.map((each) => row(each.name, each)),
      row('mean over classes', macro),
      row('mean over images', weighted),
    ],
  };
}

function configTable(config: object): HtmlTable {
  const shown = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  const rows = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  return {
    title: 'Configuration',
    header: ['option', 'value'],
    rows: rows.map(([name, value]) => [name, shown(value)]),
  };
}

function percent(fraction: number | undefined): string {
  return fraction === undefined ? '–' : Number.isFinite(fraction) ? `${(100 * fraction).toFixed(2)} %` : 'NaN';
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : String(value);
}

function isNumber(cell: string): boolean {
  return /^[-+]?\d[\d.,e+-]*( %)?$|^(–|NaN|-?Infinity)$/.test(cell);
}

/** Text that HTML takes for text, within an element and within quotes. */
function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return printable(text).replace(/[&<>"']/g, (char) => entities[char]!);
}
