// The HTML report: whole in one file, readable as text, and nothing in it that a class name could have brought.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../datasets/node/encodePng.ts';
import { writeHtmlReport } from '../../training/node/writeHtmlReport.ts';
import { classReport } from '../../training/report/classReport.ts';
import { type HtmlReport, htmlReport } from '../../training/report/htmlReport.ts';
import type { MetricRow } from '../../training/report/metricRow.ts';

const EVIL = `</title><script>alert("1")</script>'&`;
const ESCAPED = '&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;';
const png = encodePng({ width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) });
const epoch = { kind: 'epoch', epoch: 1, step: 9, trainLoss: Number.NaN, testLoss: 0.25, testAccuracy: 0.5 } as const;
const rows: MetricRow[] = [
  { kind: 'step', step: 1, epoch: 1, loss: 3, lr: 0.5, seconds: 4 },
  { ...epoch, imagesPerSecond: 99.6, seconds: 6 },
];
const full: HtmlReport = {
  title: EVIL,
  facts: [[EVIL, EVIL]],
  config: { [EVIL]: EVIL, rates: { [EVIL]: 1 }, absent: null },
  rows,
  classReport: classReport({ labels: [0, 1], predictions: [0, 0], classes: [EVIL, 'b'] }),
  figures: [
    { title: EVIL, image: `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, caption: EVIL },
    { title: 'picture', image: png },
  ],
  tables: [{ title: EVIL, header: [EVIL], rows: [[EVIL]] }],
  listings: [{ title: EVIL, lines: [EVIL, 'a\nb\x1b[31m'] }],
};
const test = suite('htmlReport');

test('texts from files are text, wherever they stand', () => {
  const html = htmlReport(full);
  assert.not.match(html, /<script/i);
  assert.not(html.includes(EVIL));
  const everywhere = html.split(ESCAPED).length - 1;
  // title twice, fact 2, option 2, class, figure heading, alt and caption, table 3, listing 2; rates are JSON
  assert.is(everywhere, 2 + 2 + 2 + 1 + 3 + 3 + 2);
  assert.match(html, /\{&quot;&lt;\/title&gt;/);
});

test('the table of epochs names the images that it tells of', () => {
  const headings = (split?: 'validation') =>
    htmlReport({ title: 'run', rows: [{ ...epoch, ...(split && { split }), imagesPerSecond: 1, seconds: 1 }] });
  assert.match(headings(), />test loss<.*>test accuracy</);
  assert.match(headings('validation'), />validation loss<.*>validation accuracy</);
  assert.not.match(headings('validation'), />test loss</);
});

test('every tag that is opened is closed', () => {
  const open: string[] = [];
  for (const [, close, name] of htmlReport(full).matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (['meta', 'img'].includes(name!)) continue;
    if (!close) open.push(name!);
    else assert.is(open.pop(), name);
  }
  assert.equal(open, []);
});

test('nothing is loaded from anywhere: pictures are inside, and a policy forbids the rest', () => {
  const html = htmlReport(full);
  assert.match(html, /content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"/);
  const sources = [...html.matchAll(/\b(?:src|href|url|srcset|action)\b\s*[=(]\s*"?([^"\s]{0,30})/g)].map(
    ([, url]) => url!,
  );
  assert.is(sources.length, 2);
  assert.match(sources[0]!, /^data:image\/svg\+xml;base64,/);
  assert.match(sources[1]!, /^data:image\/png;base64,/);
  const [, bytes] = /data:image\/png;base64,([^"]+)/.exec(html)!;
  assert.equal(Uint8Array.from(Buffer.from(bytes!, 'base64')), png);
});

test('the page suits light, dark and narrow screens', () => {
  const html = htmlReport({ title: 'a' });
  assert.match(html, /name="viewport" content="width=device-width/);
  assert.match(html, /prefers-color-scheme: dark/);
  assert.match(html, /max-width: 700px/);
});

test('epochs become rows; a loss that is no number is shown as such', () => {
  const cells = cellsOf(htmlReport({ title: 'a', rows }));
  assert.equal(cells, ['1', 'NaN', '–', '0.2500', '50.00 %', '100', '6.0']);
});

test('classes become rows with their means', () => {
  const report = classReport({ labels: [0, 1], predictions: [0, 0], classes: ['cat', 'dog'], top5: 2 });
  const html = htmlReport({ title: 'a', classReport: report });
  assert.match(html, /Classes: top-1 50\.00 %, top-5 100\.00 %/);
  assert.equal(cellsOf(html), [
    ...['cat', '50.00 %', '100.00 %', '66.67 %', '1'],
    ...['dog', '0.00 %', '0.00 %', '0.00 %', '1'],
    ...['mean over classes', '25.00 %', '50.00 %', '33.33 %', '2'],
    ...['mean over images', '25.00 %', '50.00 %', '33.33 %', '2'],
  ]);
});

test('lines of a listing stay lines, control characters do not stay', () => {
  assert.match(
    htmlReport({ title: 'a', listings: [{ title: 'b', lines: ['c\nd', 'e\x1b'] }] }),
    /<pre>c\nd\ne\?<\/pre>/,
  );
});

test('a long table is cut and says so', () => {
  const many = Array.from({ length: 1234 }, (_, i) => [String(i)]);
  const html = htmlReport({ title: 'a', tables: [{ title: 'b', header: ['c'], rows: many }] });
  assert.is(cellsOf(html).length, 1000);
  assert.match(html, /The first 1000 of 1234 rows\./);
});

test('a report without anything is a page still', () => {
  assert.match(htmlReport({ title: 'a' }), /<h1>a<\/h1>\s*<\/main>/);
});

test('writeHtmlReport replaces the file whole and leaves no other behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-'));
  try {
    const path = join(folder, 'report.html');
    writeHtmlReport(path, { title: 'first' });
    writeHtmlReport(path, { title: 'second' });
    assert.match(readFileSync(path, 'utf8'), /second/);
    assert.equal(readdirSync(folder), ['report.html']);
    assert.throws(() => writeHtmlReport(join(folder, 'absent', 'report.html'), { title: 'a' }), /ENOENT/);
    assert.not(existsSync(join(folder, 'absent')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();

function cellsOf(html: string): string[] {
  return [...html.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, text]) => text!);
}
