// The rows of metrics.jsonl as TensorBoard's curves.
import type { MetricRow } from '../../report/metricRow.ts';
import type { TensorBoardWriter } from './tensorBoardWriter.ts';

/**
 * `loss/train` and `lr` of each step; `loss/train epoch`, `loss/test`, `accuracy/train`, `accuracy/test` (or
 * `…/validation`, where the epoch ends with that) and `images per second` of each epoch, at the epoch's last step.
 * @param options.start when the run began, seconds since 1970; a row's time is that plus its `seconds`
 */
export function logMetrics(writer: TensorBoardWriter, rows: readonly MetricRow[], { start }: { start: number }): void {
  for (const row of rows) {
    const add = (tag: string, value: number | undefined) => {
      if (value !== undefined) writer.scalar(tag, value, row.step, { wallTime: start + (row.seconds || 0) });
    };
    if (row.kind === 'step') {
      add('loss/train', row.loss);
      add('lr', row.lr);
    } else {
      const split = row.split ?? 'test';
      add('loss/train epoch', row.trainLoss);
      add(`loss/${split}`, row.testLoss);
      add('accuracy/train', row.trainAccuracy);
      add(`accuracy/${split}`, row.testAccuracy);
      add('images per second', row.imagesPerSecond);
    }
  }
}
