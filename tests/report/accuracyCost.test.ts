// compare.svg: every model is named, and no name covers another where there is room; how it looks was judged by eye.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AccuracyCost, accuracyCostSvg } from '../../training/report/accuracyCost.ts';
import { placeLabels } from '../../training/report/placeLabels.ts';

const test = suite('compare.svg');

test('each data set has its panel and every model its name', async () => {
  const models: AccuracyCost[] = [
    { name: 'small', family: 'A', dataset: 'ImageNet', top1: 60, macs: 1e8, parameters: 1e6 },
    { name: 'large', family: 'A', dataset: 'ImageNet', top1: 70, macs: 1e10, parameters: 1e8 },
    { name: 'tiny', family: 'B', dataset: 'CIFAR-10', top1: 92, macs: 4e7, parameters: 3e5 },
  ];
  const texts = [...(await accuracyCostSvg(models)).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  for (const text of ['small', 'large', 'tiny', 'ImageNet', 'CIFAR-10', 'A', 'B', 'published top-1 accuracy, %']) {
    assert.ok(texts.includes(text), `${text} is among ${texts.join(' | ')}`);
  }
});

test('labels of a crowd cover neither marks nor each other, and stay in the plot', () => {
  const area = { width: 300, height: 200, fontSize: 10 };
  const points = Array.from({ length: 12 }, (_, i) => ({
    text: `model_${i}`,
    x: 140 + 12 * (i % 4),
    y: 90 + 14 * Math.floor(i / 4),
    radius: 5,
  }));
  const places = placeLabels(points, area);
  const boxes = points.map(({ text, x, y }, i) => {
    const [halfWidth, halfHeight] = [(text.length * 5.8) / 2, 5];
    const [middleX, middleY] = [x + places[i].dx, y + places[i].dy];
    return {
      left: middleX - halfWidth,
      right: middleX + halfWidth,
      top: middleY - halfHeight,
      bottom: middleY + halfHeight,
    };
  });
  for (const [i, a] of boxes.entries()) {
    assert.ok(a.left >= 0 && a.right <= area.width && a.top >= 0 && a.bottom <= area.height, points[i].text);
    for (const b of boxes.slice(i + 1)) {
      assert.not(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom);
    }
    for (const { x, y, radius } of points) {
      assert.not(a.left < x + radius && x - radius < a.right && a.top < y + radius && y - radius < a.bottom);
    }
  }
});

test('a lone mark has its label at its right', () => {
  const [{ dx, dy, leader }] = placeLabels([{ text: 'alone', x: 50, y: 50, radius: 4 }], { width: 200, height: 100 });
  assert.ok(dx > 4);
  assert.is(dy, 0);
  assert.is(leader, undefined);
});

test.run();
