// What a finished run came to: the pictures, the report and TensorBoard's file in its folder.
import { join } from 'node:path';
import type { Dataset } from '../../datasets/dataset.ts';
import { encodePng } from '../../datasets/node/encodePng.ts';
import { replaceFile } from '../../engine/node/replaceFile.ts';
import { ShapeError } from '../../kernels/errors.ts';
import type { Evaluation } from '../evaluate.ts';
import { classReport } from '../report/classReport.ts';
import { confusionMatrix, confusionSvg } from '../report/confusion.ts';
import { curvesSvg } from '../report/curves.ts';
import type { HtmlFigure, HtmlReport } from '../report/htmlReport.ts';
import type { MetricRow } from '../report/metricRow.ts';
import type { Sample } from '../report/sample.ts';
import { sampleGrid } from '../report/sampleGrid.ts';
import { type AnyDataset, thumbnails } from '../report/thumbnails.ts';
import { mistakesPng } from './mistakesPng.ts';
import { writeEventFile } from './tensorboard/writeEventFile.ts';
import { writeHtmlReport } from './writeHtmlReport.ts';

export interface Finished {
  /** Of metrics.jsonl. */
  rows: MetricRow[];
  /** In memory or read from files; its images are tested in its order. */
  testSet: AnyDataset;
  /** Of its images, or of the first of them. */
  test: Evaluation;
  /** What decided the run. */
  config: object;
}

export interface ReportExtras {
  title?: string;
  /** Numbers to show besides those of the test. */
  facts?: HtmlReport['facts'];
  /** Other charts as SVG by file name, each with its title. */
  charts?: readonly { readonly file: string; readonly title: string; readonly svg: string }[];
  listings?: HtmlReport['listings'];
}

const SAMPLES = { count: 24, mistakes: 8 };
const SAMPLE_SIDE = 196;
/** A confusion matrix of more classes is a picture of dots without names. */
const MAX_CONFUSION = 1000;

/**
 * Writes curves.svg, confusion.svg (up to 1000 classes), samples.png, mistakes.png, classes.json, report.html and an
 * event file for TensorBoard. Files of an earlier report are replaced.
 * @returns their paths
 * @throws ShapeError when the test does not fit the data set, FormatError where an image cannot be read
 */
export async function writeReports(out: string, finished: Finished, extras: ReportExtras = {}): Promise<string[]> {
  const { rows, testSet, test, config } = finished;
  const { title = 'Training run', facts = [], charts = [], listings } = extras;
  const { predictions } = test;
  const classes = [...testSet.classes];
  const labels = labelsOf(testSet, predictions.length);
  const report = classReport({ labels, predictions, classes, top5: test.top5 });
  const confusion =
    classes.length <= MAX_CONFUSION
      ? await confusionSvg(confusionMatrix(labels, predictions, classes.length), classes)
      : undefined;
  const pictures: (HtmlFigure & { file: string })[] = [
    { file: 'curves.svg', title: 'Loss and accuracy', image: await curvesSvg(rows) },
    ...charts.map(({ svg, ...chart }) => ({ ...chart, image: svg })),
    ...(confusion ? [{ file: 'confusion.svg', title: 'Confusion matrix', image: confusion }] : []),
    { file: 'samples.png', title: 'Some answers', image: encodePng(sampleGrid(await samplesOf(testSet, test))) },
    {
      ...{ file: 'mistakes.png', title: 'Most confident mistakes' },
      image: await mistakesPng(testSet, { ...test, labels, classes }),
    },
  ];
  for (const { file, image } of pictures) replaceFile(join(out, file), image);
  replaceFile(join(out, 'classes.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  writeHtmlReport(join(out, 'report.html'), {
    ...{ title, config, rows, listings, classReport: report, figures: pictures },
    facts: [
      ['test accuracy', `${(100 * test.accuracy).toFixed(2)} %`],
      ...(classes.length > 5 ? ([['top-5', `${((100 * test.top5) / test.total).toFixed(2)} %`]] as const) : []),
      ['test loss', test.loss.toFixed(4)],
      ['test images', String(test.total)],
      ...facts,
    ],
  });
  const images = pictures.filter((each): each is typeof each & { image: Uint8Array } => typeof each.image !== 'string');
  const events = writeEventFile(join(out, 'tensorboard'), { rows, config, images });
  return [
    ...[...pictures.map(({ file }) => file), 'classes.json', 'report.html'].map((file) => join(out, file)),
    events,
  ];
}

/**
 * The first images of the test set that were classified right, then the most confident mistakes.
 * @param options.count samples in all, fewer when the set is smaller
 * @param options.mistakes at most so many of them wrong
 */
export function pickSamples(
  testSet: Dataset,
  test: Pick<Evaluation, 'predictions' | 'probabilities'>,
  options: { count: number; mistakes: number },
): Sample[] {
  return pickIndices(testSet.labels, test, options).map((i) => ({
    ...answerOf(testSet, test, i),
    image: imageOf(testSet, i),
    shape: [...testSet.shape],
  }));
}

/** `pickSamples` of any data set, whose photographs are shrunk. */
async function samplesOf(testSet: AnyDataset, test: Evaluation): Promise<Sample[]> {
  if ('images' in testSet) return pickSamples(testSet, test, SAMPLES);
  const indices = pickIndices(labelsOf(testSet, test.predictions.length), test, SAMPLES);
  const { images } = await thumbnails(testSet, indices, SAMPLE_SIDE);
  return images.map(({ width, height, channels, data }, at) => {
    const area = width * height;
    const planes = data.map((_, i) => data[(i % area) * channels + Math.floor(i / area)]!);
    return { ...answerOf(testSet, test, indices[at]!), image: planes, shape: [channels, height, width] };
  });
}

function pickIndices(
  labels: ArrayLike<number>,
  { predictions, probabilities }: Pick<Evaluation, 'predictions' | 'probabilities'>,
  { count, mistakes }: { count: number; mistakes: number },
): number[] {
  const right: number[] = [];
  const wrong: number[] = [];
  for (const [i, prediction] of predictions.entries()) (prediction === labels[i] ? right : wrong).push(i);
  const worst = wrong.sort((a, b) => probabilities[b] - probabilities[a]).slice(0, mistakes);
  return [...right.slice(0, count - worst.length), ...worst];
}

function answerOf(
  { classes, labels }: AnyDataset,
  { predictions, probabilities }: Pick<Evaluation, 'predictions' | 'probabilities'>,
  index: number,
): Pick<Sample, 'label' | 'prediction' | 'isRight' | 'probability'> {
  const [label, prediction] = [labels![index]!, predictions[index]!];
  return {
    label: classes[label]!,
    prediction: classes[prediction]!,
    isRight: prediction === label,
    probability: probabilities[index]!,
  };
}

/** Of the images that were tested. */
function labelsOf({ name, labels }: AnyDataset, total: number): Uint8Array | Uint32Array {
  if (labels && labels.length >= total) return labels.subarray(0, total);
  throw new ShapeError(`${name}: a report needs a class for each of ${total} images, there are ${labels?.length ?? 0}`);
}

function imageOf({ images, shape: [c, h, w] }: Dataset, index: number): Uint8Array {
  return images.subarray(index * c * h * w, (index + 1) * c * h * w);
}
