// Precision, recall and F1 of classes and their means, beside scikit-learn's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ShapeError } from '../../kernels/errors.ts';
import { type ClassFigures, classReport, classReportText } from '../../training/report/classReport.ts';

type Figures = Record<'precision' | 'recall' | 'f1-score' | 'support', number | null>;

interface Case {
  readonly classes: string[];
  readonly labels: number[];
  readonly predictions: number[];
  /** Null is NaN. */
  readonly zeroDivision: number | null;
  readonly text: string;
  readonly report: Record<string, Figures> & { readonly accuracy: number };
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/classReport.json'), 'utf8')) as Case[];
const test = suite('classReport');

for (const { classes, labels, predictions, zeroDivision, text, report } of cases) {
  const found = classReport({ labels, predictions, classes, zeroDivision: zeroDivision ?? Number.NaN });

  test(`${classes.length} classes with zero division ${zeroDivision} have scikit-learn's figures`, () => {
    assert.is(found.top1, report.accuracy);
    for (const each of found.classes) same(each, report[each.name]!, each.name);
    same(found.macro, report['macro avg']!, 'macro');
    same(found.weighted, report['weighted avg']!, 'weighted');
  });

  test(`${classes.length} classes with zero division ${zeroDivision} print as scikit-learn's`, () => {
    assert.is(classReportText(found), text);
  });
}

test('top-5 is a share, with a line of its own', () => {
  const report = classReport({ labels: [0, 1, 1, 0], predictions: [0, 1, 0, 1], classes: ['a', 'b'], top5: 3 });
  assert.is(report.top1, 0.5);
  assert.is(report.top5, 0.75);
  assert.match(classReportText(report, { digits: 2 }), /\n {7}top-5 {27}0\.75 {9}4\n/);
  assert.not(classReportText(classReport({ labels: [0], predictions: [0], classes: ['a'] })).includes('top-5'));
});

test('without top-5 or with figures that are no numbers a report is JSON still', () => {
  const report = classReport({ labels: [0], predictions: [0], classes: ['a', 'b'], zeroDivision: Number.NaN });
  const { classes } = JSON.parse(JSON.stringify(report)) as typeof report;
  assert.equal(classes[1], { name: 'b', precision: null, recall: null, f1: null, support: 0 });
});

test('control characters in names do not reach the terminal', () => {
  const text = classReportText(classReport({ labels: [0], predictions: [0], classes: ['a\x1b[31m\n'] }));
  assert.match(text, /a\?\[31m\?/);
});

test('what does not go together is refused', () => {
  const refuse = (options: Partial<Parameters<typeof classReport>[0]>, message: RegExp) =>
    assert.throws(
      () => classReport({ labels: [0, 1], predictions: [0, 1], classes: ['a', 'b'], ...options }),
      (error: Error) => error instanceof ShapeError && message.test(error.message),
    );
  refuse({ labels: [], predictions: [] }, /at least one sample/);
  refuse({ labels: [0] }, /1 labels but 2 predictions/);
  refuse({ labels: [0, 2] }, /label 1 is 2/);
  refuse({ predictions: [0, -1] }, /prediction 1 is -1/);
  for (const top5 of [3, -1, 0.5]) refuse({ top5 }, /top5 counts samples, 0 to 2/);
});

test.run();

function same(found: ClassFigures, expected: Figures, what: string): void {
  for (const [name, value] of Object.entries(expected)) {
    const own = found[name === 'f1-score' ? 'f1' : (name as keyof ClassFigures)];
    const isSame = value === null ? Number.isNaN(own) : Math.abs(own - value) < 1e-15;
    assert.ok(isSame, `${what}: ${name} is ${own}, expected ${value}`);
  }
}
