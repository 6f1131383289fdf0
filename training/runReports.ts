// The pictures of a finished run, and the samples that show best what the model can and cannot do.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../datasets/dataset.ts';
import type { Evaluation } from './evaluate.ts';
import { confusionMatrix, confusionSvg } from './report/confusion.ts';
import { curvesSvg } from './report/curves.ts';
import type { MetricRow } from './report/metrics.ts';
import type { Sample } from './report/sample.ts';
import { sampleGridPng } from './report/sampleGrid.ts';

interface Finished {
  /** Of metrics.jsonl. */
  rows: MetricRow[];
  testSet: Dataset;
  test: Evaluation;
}

/** Writes curves.svg, confusion.svg and samples.png. Returns their paths. */
export async function writeReports(out: string, { rows, testSet, test }: Finished): Promise<string[]> {
  const matrix = confusionMatrix(testSet.labels, test.predictions, testSet.classes.length);
  const pictures: [string, string | Uint8Array][] = [
    ['curves.svg', await curvesSvg(rows)],
    ['confusion.svg', await confusionSvg(matrix, [...testSet.classes])],
    ['samples.png', sampleGridPng(pickSamples(testSet, test, { count: 24, mistakes: 8 }))],
  ];
  return pictures.map(([name, bytes]) => {
    const path = join(out, name);
    writeFileSync(path, bytes);
    return path;
  });
}

/**
 * The first images of the test set that were classified right, then the most confident mistakes.
 * @param options.count samples in all, fewer when the set is smaller
 * @param options.mistakes at most so many of them wrong
 */
export function pickSamples(
  testSet: Dataset,
  { predictions, probabilities }: Pick<Evaluation, 'predictions' | 'probabilities'>,
  { count, mistakes }: { count: number; mistakes: number },
): Sample[] {
  const right: number[] = [];
  const wrong: number[] = [];
  for (const [i, label] of testSet.labels.entries()) (predictions[i] === label ? right : wrong).push(i);
  const worst = wrong.sort((a, b) => probabilities[b] - probabilities[a]).slice(0, mistakes);
  return [...right.slice(0, count - worst.length), ...worst].map((i) => ({
    image: imageOf(testSet, i),
    shape: [...testSet.shape],
    label: testSet.classes[testSet.labels[i]],
    prediction: testSet.classes[predictions[i]],
    isRight: predictions[i] === testSet.labels[i],
    probability: probabilities[i],
  }));
}

function imageOf({ images, shape: [c, h, w] }: Dataset, index: number): Uint8Array {
  return images.subarray(index * c * h * w, (index + 1) * c * h * w);
}
