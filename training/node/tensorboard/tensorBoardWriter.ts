// Event files for TensorBoard, written as a run goes on.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { checkImage, type Image } from '../../../datasets/images/image.ts';
import { encodePng } from '../../../datasets/node/encodePng.ts';
import { onDisk } from '../../../engine/node/fileError.ts';
import { makeFolder } from '../../../engine/node/makeFolder.ts';
import { FormatError, ShapeError } from '../../../kernels/errors.ts';
import { type EncodedImage, encodeEvent, type Value } from './event.ts';
import { eventRecord } from './eventRecord.ts';
import { histogramOf } from './histogram.ts';

export interface TensorBoardWriterOptions {
  /** Seconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

const FILE_VERSION = 'brain.Event:2';
const MAX_TAG = 1024;
const MAX_FILES = 10_000;
/** Numbers of colours in PNG's header, and how many samples a pixel has. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };

/**
 * Writes what `tensorboard --logdir <folder>` shows, in the form of `torch.utils.tensorboard.SummaryWriter`.
 * A record is appended whole, with one write: a run that is killed loses none, and a reader sees no half one unless the
 * disk is full. Each writer has a file of its own; TensorBoard joins all files of a folder.
 * https://pytorch.org/docs/stable/tensorboard.html
 */
export class TensorBoardWriter {
  /** `<folder>/events.out.tfevents.<seconds>.wgrad.<n>` */
  readonly path: string;
  readonly #now: () => number;
  #file: number | undefined;

  /** Makes the folder where it does not exist, and a new file in it. */
  constructor(folder: string, { now = () => Date.now() / 1000 }: TensorBoardWriterOptions = {}) {
    this.#now = now;
    makeFolder(folder);
    const wallTime = now();
    const path = join(folder, `events.out.tfevents.${seconds(wallTime)}.wgrad`);
    [this.path, this.#file] = onDisk(path, { doing: 'written' }, () => openNew(path));
    this.#append(eventRecord(encodeEvent({ wallTime, content: { fileVersion: FILE_VERSION } })));
  }

  /**
   * A point of a curve, float32; NaN and infinities too.
   * @param step optimizer steps or epochs so far, an integer from 0
   * @param options.wallTime seconds since 1970. Default: now
   * @throws ShapeError for an empty tag or a step that is no such integer; so all methods below
   */
  scalar(tag: string, value: number, step: number, options: { wallTime?: number } = {}): void {
    this.#add(tag, { scalar: value }, step, options.wallTime);
  }

  /** A picture, or the bytes of a PNG file. @throws FormatError for other bytes */
  image(tag: string, image: Image | Uint8Array, step: number): void {
    const where = `TensorBoardWriter.image ${tag}`;
    this.#add(tag, { image: image instanceof Uint8Array ? checkedPng(where, image) : encoded(where, image) }, step);
  }

  /** How values are distributed, such as a layer's weights. @throws ShapeError where none of them is finite */
  histogram(tag: string, values: ArrayLike<number>, step: number): void {
    this.#add(tag, { histogram: histogramOf(`TensorBoardWriter.histogram ${tag}`, values) }, step);
  }

  /** Markdown. Its tag is shown as `<tag>/text_summary`, as PyTorch's. */
  text(tag: string, markdown: string, step: number): void {
    this.#add(tag && `${tag}/text_summary`, { text: markdown }, step);
  }

  /** Puts what was written onto the disk; readers see it before. */
  flush(): void {
    if (this.#file !== undefined) fsyncSync(this.#file);
  }

  /** Flushes. Whatever is written afterwards is refused. */
  close(): void {
    this.flush();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #add(tag: string, value: Value, step: number, wallTime = this.#now()): void {
    if (!(tag.length > 0 && tag.length <= MAX_TAG)) {
      throw new ShapeError(`TensorBoardWriter: a tag has 1 to ${MAX_TAG} characters, given ${tag.length}`);
    }
    if (!(Number.isSafeInteger(step) && step >= 0)) {
      throw new ShapeError(`TensorBoardWriter: ${tag}: step must be an integer of at least 0, given ${step}`);
    }
    if (!Number.isFinite(wallTime)) throw new ShapeError(`TensorBoardWriter: ${tag}: wallTime is ${wallTime}`);
    this.#append(eventRecord(encodeEvent({ wallTime, step, content: { tag, value } })));
  }

  #append(record: Uint8Array): void {
    const file = this.#file;
    if (file === undefined) throw new FormatError(`${this.path}: is closed`);
    onDisk(this.path, { doing: 'written', bytes: record.length }, () => {
      for (let at = 0; at < record.length; ) at += writeSync(file, record, at);
    });
  }
}

/** The first of `<path>.0`, `<path>.1`, … that does not exist; a link is never followed. */
function openNew(path: string): [string, number] {
  for (let number = 0; number < MAX_FILES; number++) {
    try {
      return [`${path}.${number}`, openSync(`${path}.${number}`, 'wx')];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new FormatError(`${path}.0 to .${MAX_FILES - 1} exist already`);
}

/** Ten digits, so that files sort by time. */
function seconds(time: number): string {
  return String(Math.max(0, Math.floor(time))).padStart(10, '0');
}

function encoded(where: string, image: Image): EncodedImage {
  checkImage(where, image);
  const { width, height, channels } = image;
  return { width, height, colorspace: channels, encoded: encodePng(image) };
}

function checkedPng(where: string, encoded: Uint8Array): EncodedImage {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.length);
  const isPng = encoded.length >= 33 && view.getBigUint64(0) === 0x89504e470d0a1a0an;
  if (!isPng || view.getUint32(12) !== 0x49484452 || !(encoded[25]! in SAMPLES)) {
    throw new FormatError(`${where}: expected the bytes of a PNG file, given ${encoded.length} others`);
  }
  return { width: view.getUint32(16), height: view.getUint32(20), colorspace: SAMPLES[encoded[25]!]!, encoded };
}
