// The progress line of a run: one line redrawn in place on a terminal, now and then a plain line elsewhere.

/** The part of a stream (`process.stderr`) that is used. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ProgressBarOptions {
  /** Default `process.stderr`, so that stdout stays clean for results. */
  stream?: ProgressStream;
  /** What `update` counts up to, in steps. */
  total: number;
  /** Stands before the bar, say `epoch 1/3`. */
  label?: string;
  /** Steps done before this bar started (a resumed run); they do not count for the time left. Default 0. */
  start?: number;
  /** Default `stream.isTTY`. */
  isTTY?: boolean;
  /** No output at all. Default false. */
  quiet?: boolean;
  /** A clock in milliseconds; default `performance.now`. */
  now?: () => number;
}

/** What is shown beside the bar; what is absent is left out. */
export interface ProgressValues {
  loss?: number;
  /** Fraction of 1. */
  accuracy?: number;
  imagesPerSecond?: number;
}

const REDRAW_MS = 100;
const PLAIN_MS = 5000;
const PLAIN_FRACTION = 0.1;
const MAX_BAR = 30;
const MIN_BAR = 5;
const CLEAR_TO_END = '\x1b[K';

/**
 * Shows how far a run is: `epoch 1/3 ━━━━━━────── 42 %  loss 0.1234  acc 97.31 %  5234 img/s  0:34 left`.
 * On a terminal it is redrawn at most 10 times a second and cut to the width; elsewhere a line is written every 5
 * seconds or 10 %, whichever comes first. Call `update` after each step and `finish` at the end, also after an error.
 */
export class ProgressBar {
  private readonly stream: ProgressStream;
  private readonly total: number;
  private readonly label: string;
  private readonly start: number;
  private readonly isTTY: boolean;
  private readonly quiet: boolean;
  private readonly now: () => number;
  private readonly startTime: number;
  private done: number;
  private values: ProgressValues = {};
  private shownDone: number;
  private shownTime: number;
  private isFinished = false;

  constructor({
    stream = process.stderr,
    total,
    label = '',
    start = 0,
    isTTY = stream.isTTY ?? false,
    quiet = false,
    now = () => performance.now(),
  }: ProgressBarOptions) {
    this.stream = stream;
    this.total = total;
    this.label = label;
    this.start = start;
    this.isTTY = isTTY;
    this.quiet = quiet;
    this.now = now;
    this.startTime = now();
    this.done = start;
    this.shownDone = start;
    // a terminal shows the first step at once
    this.shownTime = isTTY ? Number.NEGATIVE_INFINITY : this.startTime;
  }

  /** @param done steps done so far, of `total` */
  update(done: number, values: ProgressValues = {}): void {
    this.done = done;
    this.values = values;
    if (!this.isFinished && this.isDue()) this.show();
  }

  /** Shows the last state, unless it is there already, and leaves the cursor on a fresh line. */
  finish(): void {
    if (this.isFinished) return;
    this.isFinished = true;
    if (this.quiet) return;
    if (this.isTTY) {
      this.show();
      this.stream.write('\n');
    } else if (this.shownDone !== this.done) this.show();
  }

  private isDue(): boolean {
    const waited = this.now() - this.shownTime;
    if (this.isTTY) return waited >= REDRAW_MS;
    return waited >= PLAIN_MS || this.done - this.shownDone >= PLAIN_FRACTION * this.total;
  }

  private show(): void {
    this.shownTime = this.now();
    this.shownDone = this.done;
    if (this.quiet) return;
    if (this.isTTY) this.stream.write(`\r${this.terminalLine()}${CLEAR_TO_END}`);
    else this.stream.write(`${[this.label, this.text()].filter(Boolean).join(' ')}\n`);
  }

  private terminalLine(): string {
    // the last column stays free: some terminals wrap there
    const width = Math.max(1, (this.stream.columns ?? 80) - 1);
    const text = this.text();
    const barWidth = Math.min(MAX_BAR, width - this.label.length - text.length - 2);
    const line = [this.label, barWidth >= MIN_BAR ? this.bar(barWidth) : '', text].filter(Boolean).join(' ');
    return line.slice(0, width);
  }

  private bar(width: number): string {
    const filled = Math.round(width * this.fraction());
    return '━'.repeat(filled) + '─'.repeat(width - filled);
  }

  private text(): string {
    const { loss, accuracy, imagesPerSecond } = this.values;
    const parts = [`${Math.floor(100 * this.fraction())} %`.padStart(5)];
    if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
    if (accuracy !== undefined) parts.push(`acc ${(100 * accuracy).toFixed(2)} %`);
    if (imagesPerSecond !== undefined) parts.push(`${Math.round(imagesPerSecond)} img/s`);
    const elapsed = (this.now() - this.startTime) / 1000;
    if (this.done >= this.total) parts.push(`took ${formatDuration(elapsed)}`);
    else if (this.done > this.start) {
      parts.push(`${formatDuration((elapsed / (this.done - this.start)) * (this.total - this.done))} left`);
    }
    return parts.join('  ');
  }

  private fraction(): number {
    return this.total > 0 ? Math.min(1, Math.max(0, this.done / this.total)) : 1;
  }
}

/** `0:07`, `12:34`, `1:02:03`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}
