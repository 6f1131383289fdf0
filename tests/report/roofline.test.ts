// roofline.svg: every phase and the longest kernels are named, the roof is drawn; how it looks was judged by eye.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RooflinePoint, rooflineSvg } from '../../training/report/roofline.ts';

const test = suite('roofline.svg');
const options = { bytesPerSecond: 2e9, flopPerSecond: 3e10, title: 'a & b <step>', adapter: 'an adapter' };

test('the longest kernels are named, and those that compute nothing are said to be left out', async () => {
  const points: RooflinePoint[] = [
    { name: 'conv2d/forward', phase: 'forward', milliseconds: 10, flop: 1e8, bytes: 1e6, share: 0.5 },
    { name: 'conv2d/backward', phase: 'backward', milliseconds: 8, flop: 1e8, bytes: 2e6, share: 0.4 },
    { name: 'sgd', phase: 'optimizer', milliseconds: 1, flop: 1e3, bytes: 1e6, share: 0.05 },
    { name: 'fill', phase: 'forward', milliseconds: 1, flop: 0, bytes: 1e6, share: 0.05 },
  ];
  const svg = await rooflineSvg(points, options);
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>$/);
  const texts = textsOf(svg);
  const named = ['conv2d/forward', 'conv2d/backward', 'sgd', 'forward', 'backward', 'optimizer'];
  for (const text of named) assert.ok(texts.includes(text), `${text} is among ${texts.join(' | ')}`);
  assert.not(texts.includes('fill'));
  assert.ok(texts.includes('a &amp; b &lt;step&gt;'));
  for (const line of [/an adapter/, /multiply-adds at 30 GFLOP\/s/, /left out: 1 that compute nothing, 5.0 % of the/]) {
    assert.match(svg, line);
  }
});

test('only so many names are written, and a step without any computation is drawn too', async () => {
  const many = Array.from({ length: 40 }, (_, i) => ({
    ...{ name: `kernel${i}`, phase: 'forward' as const, milliseconds: 40 - i, flop: 1e6 * (i + 1), bytes: 1e6 },
    share: (40 - i) / 820,
  }));
  const names = textsOf(await rooflineSvg(many, options)).filter((text) => text.startsWith('kernel'));
  assert.equal(
    names.sort(),
    many.slice(0, 9).map(({ name }) => name),
  );
  const svg = await rooflineSvg([], options);
  assert.match(svg, /<\/svg>$/);
  assert.not.match(svg, /NaN|Infinity/);
});
test.run();

function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
}
