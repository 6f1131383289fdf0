// How good a classifier is at each of its classes.
import { ShapeError } from '../../kernels/errors.ts';
import { classScores, confusionMatrix } from './confusion.ts';
import { printable } from './printable.ts';

export interface ClassReportOptions {
  /** True classes: [n]. */
  readonly labels: ArrayLike<number>;
  /** Predicted classes: [n]. */
  readonly predictions: ArrayLike<number>;
  readonly classes: readonly string[];
  /** How many labels were among the five likeliest classes, as `evaluate` counts them. */
  readonly top5?: number;
  /**
   * The value of what cannot be computed: precision of a class never predicted, recall of one never there, F1 where
   * neither occurs. NaN leaves it out of the means. Default 0.
   */
  readonly zeroDivision?: number;
}

export interface ClassFigures {
  readonly precision: number;
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Samples of this class; in means, of all. */
  readonly support: number;
}

/** All as fractions of 1. */
export interface ClassReport {
  readonly classes: readonly (ClassFigures & { readonly name: string })[];
  /** Share of samples whose likeliest class is right. */
  readonly top1: number;
  /** Share of samples whose class is among the five likeliest; absent where it was not given. */
  readonly top5?: number;
  /** Means over classes. */
  readonly macro: ClassFigures;
  /** Means over classes, each weighted by its support. */
  readonly weighted: ClassFigures;
}

/**
 * As scikit-learn's `classification_report` with all classes listed.
 * @throws ShapeError without samples, when lengths differ, or for a class that is none
 * https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html
 */
export function classReport({ labels, predictions, classes, top5, zeroDivision = 0 }: ClassReportOptions): ClassReport {
  const total = labels.length;
  if (total === 0) throw new ShapeError('classReport: expected at least one sample, given none');
  if (top5 !== undefined && !(Number.isInteger(top5) && top5 >= 0 && top5 <= total)) {
    throw new ShapeError(`classReport: top5 counts samples, 0 to ${total}, given ${top5}`);
  }
  const matrix = confusionMatrix(labels, predictions, classes.length);
  const figures = classScores(matrix).map(({ precision, recall, support }): ClassFigures => {
    const isAbsent = Number.isNaN(precision) && Number.isNaN(recall);
    const found = (2 * precision * recall) / (precision + recall);
    return {
      precision: defined(precision, zeroDivision),
      recall: defined(recall, zeroDivision),
      f1: isAbsent ? zeroDivision : defined(found, 0),
      support,
    };
  });
  const right = classes.reduce((sum, _, i) => sum + matrix.counts[i * classes.length + i]!, 0);
  return {
    classes: figures.map((each, i) => ({ name: classes[i]!, ...each })),
    top1: right / total,
    ...(top5 !== undefined && { top5: top5 / total }),
    macro: meanOf(figures, () => 1, total),
    weighted: meanOf(figures, ({ support }) => support, total),
  };
}

/**
 * The report as scikit-learn prints it, with a line for top-5 where it is known.
 * @param options.digits after the point. Default 4
 */
export function classReportText(report: ClassReport, { digits = 4 }: { digits?: number } = {}): string {
  const names = report.classes.map(({ name }) => printable(name));
  const width = Math.max(digits, ...['weighted avg', ...names].map((name) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    `${name.padStart(width)} ${cells.map((cell) => ` ${cell.padStart(9)}`).join('')}`;
  const shown = (value: number) => (Number.isNaN(value) ? 'nan' : value.toFixed(digits));
  const row = (name: string, { precision, recall, f1, support }: ClassFigures) =>
    line(name, [shown(precision), shown(recall), shown(f1), String(support)]);
  const total = String(report.macro.support);
  return [
    line('', ['precision', 'recall', 'f1-score', 'support']),
    '',
    ...report.classes.map((each, i) => row(names[i]!, each)),
    '',
    line('accuracy', ['', '', shown(report.top1), total]),
    ...(report.top5 === undefined ? [] : [line('top-5', ['', '', shown(report.top5), total])]),
    row('macro avg', report.macro),
    row('weighted avg', report.weighted),
    '',
  ].join('\n');
}

/** What is no number is left out; NaN where nothing stays. */
function meanOf(
  figures: readonly ClassFigures[],
  weightOf: (figures: ClassFigures) => number,
  support: number,
): ClassFigures {
  const mean = (pick: (figures: ClassFigures) => number) => {
    const defined = figures.filter((each) => !Number.isNaN(pick(each)));
    const weight = defined.reduce((sum, each) => sum + weightOf(each), 0);
    return defined.reduce((sum, each) => sum + pick(each) * weightOf(each), 0) / weight;
  };
  return {
    precision: mean((each) => each.precision),
    recall: mean((each) => each.recall),
    f1: mean((each) => each.f1),
    support,
  };
}

function defined(value: number, otherwise: number): number {
  return Number.isNaN(value) ? otherwise : value;
}
