// Where the model was most sure and wrong.
import type { Image } from '../../datasets/images/image.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { Evaluation } from '../evaluate.ts';
import { type CaptionedTile, captionedGrid } from './captionedGrid.ts';
import { COLORS } from './captionText.ts';
import { printable } from './printable.ts';
import { type AnyDataset, thumbnails } from './thumbnails.ts';

export interface MistakesOptions extends Pick<Evaluation, 'predictions' | 'probabilities'> {
  /** True class of each image: [n]. */
  readonly labels: ArrayLike<number>;
  readonly classes: readonly string[];
  /** Images in the picture, at most. Default 24. */
  readonly count?: number;
  /** Images a row. Default 6. */
  readonly columns?: number;
}

export interface Mistake {
  /** In the data set. */
  readonly index: number;
  readonly label: number;
  readonly prediction: number;
  /** The model's, of its prediction. */
  readonly probability: number;
}

const TILE_SIDE = 196;

/**
 * The wrong answers, the surest first; among equally sure ones the first in the data set. A probability that is no
 * number counts as 0.
 * @throws ShapeError when labels, predictions and probabilities do not go together
 */
export function confidentMistakes({
  labels,
  predictions,
  probabilities,
  classes,
  count = 24,
}: MistakesOptions): Mistake[] {
  if (!(Number.isInteger(count) && count > 0)) {
    throw new ShapeError(`confidentMistakes: count must be a positive integer, given ${count}`);
  }
  const total = predictions.length;
  // an evaluation may have stopped before the last label
  if (probabilities.length !== total || labels.length < total) {
    const given = `${labels.length} labels, ${total} predictions and ${probabilities.length} probabilities`;
    throw new ShapeError(`confidentMistakes: expected as many labels as predictions and probabilities, given ${given}`);
  }
  const mistakes: Mistake[] = [];
  for (let index = 0; index < total; index++) {
    const [label, prediction] = [labels[index]!, predictions[index]!];
    if (!(label in classes && prediction in classes)) {
      const given = `label ${label} and prediction ${prediction}`;
      throw new ShapeError(`confidentMistakes: image ${index} has ${given} of ${classes.length} classes`);
    }
    if (label !== prediction) mistakes.push({ index, label, prediction, probability: probabilities[index]! || 0 });
  }
  return mistakes.sort((a, b) => b.probability - a.probability || a.index - b.index).slice(0, count);
}

/**
 * A picture of them: under each image `said cat`, `is dog` and `sure 0.97`. Without mistakes, a picture that says so.
 * @throws ShapeError as `confidentMistakes`, FormatError where an image cannot be read
 */
export async function mistakesSheet(dataset: AnyDataset, options: MistakesOptions): Promise<Image> {
  const { classes, columns = 6 } = options;
  const mistakes = confidentMistakes(options);
  if (mistakes.length === 0) return nothingWrong();
  const indices = mistakes.map(({ index }) => index);
  const { images, scale } = await thumbnails(dataset, indices, TILE_SIDE);
  const tiles = mistakes.map(({ label, prediction, probability }, i): CaptionedTile => {
    const lines = [
      [`said ${printable(classes[prediction]!)}`, COLORS.wrong],
      [`is ${printable(classes[label]!)}`, COLORS.ink],
      [`sure ${shownProbability(probability)}`, COLORS.faint],
    ] as const;
    return { image: images[i]!, lines };
  });
  return captionedGrid('mistakesSheet', tiles, { columns, scale });
}

/** What is not quite certain is not shown as 1.00. */
function shownProbability(probability: number): string {
  return (probability < 1 ? Math.min(0.99, probability) : 1).toFixed(2);
}

function nothingWrong(): Image {
  const image = { width: 140, height: 8, channels: 1, data: new Uint8Array(140 * 8).fill(255) } as const;
  const tile: CaptionedTile = {
    image,
    lines: [['no mistakes', COLORS.ink]],
    frame: { width: 1, color: COLORS.background },
  };
  return captionedGrid('mistakesSheet', [tile], { columns: 1, scale: 1 });
}
