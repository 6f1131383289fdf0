// What a person sees while a model is fine-tuned: which layers are frozen, a bar for whatever is under way, a line for
// each result. On stderr.
import type { Evaluation, FineTuneCallbacks, FineTuneEpoch, FineTuneStep, LrPoint } from '../training/index.ts';
import { ProgressBar } from '../training/report/progressBar.ts';

const QUIET_MS = 1000;

export class FinetuneProgress {
  readonly #epochs: number;
  #shown: { label: string; since: number; bar?: ProgressBar } | undefined;
  #lines: readonly string[] = [];
  #swept = 0;

  constructor(epochs: number) {
    this.#epochs = epochs;
  }

  /** All callbacks but those of freezing, steps and epochs. */
  callbacks(): Pick<FineTuneCallbacks, 'onCache' | 'onCached' | 'onEvaluate' | 'onBefore'> {
    return {
      onCache: (...done) => this.onFeatures(...done),
      onCached: (caches) => {
        for (const [split, { kind, bytes, module, reason }] of Object.entries(caches)) {
          const kept = `${(bytes / 2 ** 20).toFixed(1)} MiB of features (what enters ${module}) on the ${kind}`;
          this.#say(`${split} images: ${kind === 'none' ? `no features are kept: ${reason}` : kept}`);
        }
      },
      onEvaluate: (split, images, total) => this.#show(split, images, total),
      onBefore: (test) => this.#say(`before: ${resultOf(test)}`),
    };
  }

  onFreeze(lines: readonly string[], { frozen, trained }: { frozen: number; trained: number }): void {
    this.#say(...lines.filter((line) => !this.#lines.includes(line))); // later only what changed
    this.#lines = lines;
    this.#say(`${frozen} parameters are frozen, ${trained} are trained`);
  }

  onFeatures(split: string, images: number, total: number): void {
    this.#show(`features of the ${split} images`, images, total);
  }

  onSweep({ smoothed }: LrPoint, steps: number): void {
    this.#swept++;
    this.#show('learning rates', this.#swept, steps, { loss: smoothed });
  }

  onStep({ progress: { batch, epoch, current }, stepsPerEpoch }: FineTuneStep): void {
    this.#show(`epoch ${epoch + 1}/${this.#epochs}`, batch, stepsPerEpoch, {
      loss: current.loss / current.images,
      accuracy: current.right / current.images,
      imagesPerSecond: current.images / current.seconds,
    });
  }

  onEpoch({ epoch, evaluation, split, seconds, isBest }: FineTuneEpoch): void {
    const best = split === 'validation' && isBest ? ', the best so far' : '';
    this.#say(
      `epoch ${epoch}/${this.#epochs} done in ${seconds.toFixed(1)} s: ${split} ${resultOf(evaluation)}${best}`,
    );
  }

  /** Ends the bar's line: call it before anything else is printed. */
  finish(): void {
    this.#shown?.bar?.finish();
    this.#shown = undefined;
  }

  /** What takes less than a second needs no bar. */
  #show(label: string, done: number, total: number, values: Parameters<ProgressBar['update']>[1] = {}): void {
    if (this.#shown?.label !== label) {
      this.finish();
      this.#shown = { label, since: performance.now() };
    }
    if (!this.#shown.bar && performance.now() - this.#shown.since < QUIET_MS) return;
    this.#shown.bar ??= new ProgressBar({ total, start: done - 1, label });
    this.#shown.bar.update(done, values);
  }

  #say(...lines: string[]): void {
    this.finish();
    for (const line of lines) process.stderr.write(`${line}\n`);
  }
}

function resultOf({ accuracy, loss, top5, total, topCount }: Evaluation): string {
  const five = topCount === 5 ? `, top-5 ${(100 * (top5 / total)).toFixed(2)} %` : '';
  return `accuracy ${(100 * accuracy).toFixed(2)} %${five}, loss ${loss.toFixed(4)}`;
}
