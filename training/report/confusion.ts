// confusion.svg: which classes are taken for which, and the numbers that follow from it.
import { ShapeError } from '../../kernels/errors.ts';
import { printable } from './printable.ts';
import { type Layer, type LayeredSpec, vegaSvg } from './vegaSvg.ts';

/** Counts of a classifier's answers: `counts[trueLabel * classCount + prediction]`. */
export interface ConfusionMatrix {
  classCount: number;
  counts: Uint32Array;
}

export interface ClassScore {
  /** Of the samples predicted as this class, the fraction that is; NaN when none was predicted. */
  precision: number;
  /** Of the samples of this class, the fraction that was found; NaN when there is none. */
  recall: number;
  /** Number of samples of this class. */
  support: number;
}

/** More classes than this are drawn without counts in the cells, with smaller cells. */
const MAX_NUMBERED_CLASSES = 20;

/**
 * @param labels true classes, [n]
 * @param predictions predicted classes, [n]
 * @throws ShapeError when the lengths differ or a class lies outside [0, classCount)
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classCount: number,
): ConfusionMatrix {
  if (labels.length !== predictions.length) {
    throw new ShapeError(`confusionMatrix: ${labels.length} labels but ${predictions.length} predictions`);
  }
  const counts = new Uint32Array(classCount * classCount);
  for (let i = 0; i < labels.length; i++) {
    const cell = checkClass('label', labels[i], i) * classCount + checkClass('prediction', predictions[i], i);
    counts[cell]++;
  }
  return { classCount, counts };

  function checkClass(what: string, value: number, index: number): number {
    if (Number.isInteger(value) && value >= 0 && value < classCount) return value;
    throw new ShapeError(`confusionMatrix: ${what} ${index} is ${value}, expected an integer in [0, ${classCount})`);
  }
}

/** Precision, recall and support of every class, in the order of classes. */
export function classScores({ classCount, counts }: ConfusionMatrix): ClassScore[] {
  const support = new Float64Array(classCount);
  const predicted = new Float64Array(classCount);
  counts.forEach((count, cell) => {
    support[Math.floor(cell / classCount)] += count;
    predicted[cell % classCount] += count;
  });
  return Array.from(support, (total, index) => {
    const right = counts[index * classCount + index];
    return { precision: right / predicted[index], recall: right / total, support: total };
  });
}

/** Fraction of all samples on the diagonal; NaN without samples. */
export function accuracyOf({ classCount, counts }: ConfusionMatrix): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const right = Array.from({ length: classCount }, (_, index) => counts[index * classCount + index]);
  return right.reduce((sum, count) => sum + count, 0) / total;
}

/**
 * A heat map with the true class down and the prediction across, coloured by the share of the true class, so that
 * rare classes show as well as common ones. Up to 20 classes: counts in the cells, precision and recall at the edges.
 * @param classes names of the classes in order; [matrix.classCount]
 * @returns SVG text
 */
export async function confusionSvg(matrix: ConfusionMatrix, classes: string[]): Promise<string> {
  const { classCount, counts } = matrix;
  if (classes.length !== classCount) {
    throw new ShapeError(`confusionSvg: ${classes.length} class names for ${classCount} classes`);
  }
  const scores = classScores(matrix);
  const cells: Cell[] = [];
  counts.forEach((count, cell) => {
    // empty cells are the background: 1000 classes would be a million rectangles
    if (count === 0) return;
    const label = Math.floor(cell / classCount);
    cells.push({ label, prediction: cell % classCount, count, share: count / scores[label].support });
  });
  return vegaSvg(heatMap(matrix, cells, classes, scores));
}

interface Cell {
  label: number;
  prediction: number;
  count: number;
  share: number;
}

function heatMap(matrix: ConfusionMatrix, cells: Cell[], classes: string[], scores: ClassScore[]): LayeredSpec {
  const isNumbered = matrix.classCount <= MAX_NUMBERED_CLASSES;
  const cellSize = isNumbered ? 46 : Math.max(1, Math.min(24, Math.floor(1000 / matrix.classCount)));
  const size = matrix.classCount * cellSize;
  // positions are indices, not names: data sets have classes that share a name (ImageNet's two "crane")
  const position = (field: string, title: string, orient: 'left' | 'top') =>
    ({
      field,
      type: 'ordinal',
      title,
      scale: { domain: classes.map((_, index) => index), padding: 0 },
      axis: {
        orient,
        labelExpr: 'names[datum.value]',
        labelFontSize: isNumbered ? 12 : Math.max(7, Math.min(11, cellSize - 1)),
        labelLimit: 200,
        labelOverlap: cellSize < 8 ? 'greedy' : false,
        labelAngle: orient === 'left' || classes.every((name) => name.length <= 2) ? 0 : isNumbered ? -60 : -90,
        ticks: false,
        domain: false,
        labelPadding: 6,
        titlePadding: 6,
        labelSeparation: cellSize < 8 ? 10 : 0,
      },
    }) as const;
  const total = matrix.counts.reduce((sum, count) => sum + count, 0);
  const subtitle = total ? `${percent(accuracyOf(matrix))} % of ${total} right` : 'no samples';
  return {
    title: { text: 'Confusion matrix', subtitle },
    width: size,
    height: size,
    params: [{ name: 'names', value: classes.map(printable) }],
    encoding: { y: position('label', 'true class', 'left'), x: position('prediction', 'predicted class', 'top') },
    layer: [
      { data: { values: cells }, mark: 'rect', encoding: { color: SHARE_COLOR } },
      ...(isNumbered ? [countsInCells(cells), ...scoresAtEdges(scores, size)] : []),
    ],
  };
}

const SHARE_COLOR = {
  field: 'share',
  type: 'quantitative',
  // the square root lets a class that takes 1 % of another one's samples still be seen
  scale: { type: 'sqrt', domain: [0, 1], range: ['#f7fbff', '#c6dbef', '#6baed6', '#2171b5', '#08306b'] },
  legend: { title: 'share of true class', format: '.0%', values: [0, 0.01, 0.05, 0.2, 0.5, 1], offset: 64 },
} as const;

function countsInCells(cells: Cell[]): Layer {
  return {
    data: { values: cells },
    mark: { type: 'text', fontSize: 12 },
    encoding: {
      text: { field: 'count' },
      color: { condition: { test: 'datum.share > 0.2', value: '#ffffff' }, value: '#22272e' },
    },
  };
}

/** Recall to the right of each row, precision under each column, in percent. */
function scoresAtEdges(scores: ClassScore[], size: number): Layer[] {
  const recalls = scores.map(({ recall }, label) => ({ label, text: percent(recall) }));
  const precisions = scores.map(({ precision }, prediction) => ({ prediction, text: percent(precision) }));
  const heading = (text: string, align: 'left' | 'right', x: number, y: number): Layer => ({
    data: { values: [{ text }] },
    mark: { type: 'text', align, color: '#5c6570', fontSize: 11 },
    encoding: { x: { value: x }, y: { value: y }, text: { field: 'text' } },
  });
  return [
    {
      data: { values: recalls },
      mark: { type: 'text', align: 'left', color: '#5c6570', fontSize: 11 },
      encoding: { x: { value: size + 10 }, text: { field: 'text' } },
    },
    {
      data: { values: precisions },
      mark: { type: 'text', color: '#5c6570', fontSize: 11 },
      encoding: { y: { value: size + 14 }, text: { field: 'text' } },
    },
    heading('recall %', 'left', size + 10, -12),
    heading('precision %', 'right', -6, size + 14), // to the right of the row is the colour bar of a small matrix
  ];
}

function percent(fraction: number): string {
  return Number.isFinite(fraction) ? (100 * fraction).toFixed(1) : '–';
}
