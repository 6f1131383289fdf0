// What a person sees while a run trains: a bar for each epoch and a line at its end, on stderr.
import { ProgressBar } from '../training/report/progressBar.ts';
import type { EpochReport, StepReport } from '../training/trainer.ts';

export class TrainProgress {
  readonly #epochs: number;
  #bar: ProgressBar | undefined;

  constructor(epochs: number) {
    this.#epochs = epochs;
  }

  onStep({ progress, stepsPerEpoch }: StepReport): void {
    const { batch, current } = progress;
    const label = `epoch ${progress.epoch + 1}/${this.#epochs}`;
    this.#bar ??= new ProgressBar({ total: stepsPerEpoch, start: batch - 1, label });
    this.#bar.update(batch, {
      loss: current.loss / current.images,
      accuracy: current.right / current.images,
      imagesPerSecond: current.images / current.seconds,
    });
  }

  onEpoch({ progress, test }: EpochReport): void {
    this.finish();
    const result = `test loss ${test.loss.toFixed(4)}, test accuracy ${(100 * test.accuracy).toFixed(2)} %`;
    process.stderr.write(`epoch ${progress.epoch}/${this.#epochs} done: ${result}\n`);
  }

  /** Ends the bar's line: call it before anything else is printed. */
  finish(): void {
    this.#bar?.finish();
    this.#bar = undefined;
  }
}
