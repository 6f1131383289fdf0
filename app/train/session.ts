// What the worker of the Train page holds: a data set, a network, and the training under way.
import type { Dataset } from '../../datasets/index.ts';
import { batchOf } from '../../datasets/index.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/index.ts';
import { Conv2d, extractFeatures, type Module } from '../../engine/nn/index.ts';
import { AdamW, SGD } from '../../engine/optim/index.ts';
import { readSafetensors, writeSafetensors } from '../../engine/serialization/index.ts';
import { FormatError, ShapeError } from '../../kernels/errors.ts';
import { createModel } from '../../models/index.ts';
import { confusionMatrix, type Evaluation, train } from '../../training/index.ts';
import { type Progress, startOfRun } from '../../training/progress.ts';
import { forgetRun, type KeptRun, keepRun, keptRun } from './keptRun.ts';
import { type Maps, mapsOf } from './maps.ts';
import { digits, openData, type TrainingData } from './openData.ts';

export interface DataFacts {
  readonly name: string;
  /** A name of the registry. */
  readonly model: string;
  readonly parameters: number;
  readonly trainCount: number;
  readonly testCount: number;
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly classes: readonly string[];
}

export type OptimizerName = 'adamw' | 'sgd';

export interface Settings {
  /** In all, those before a pause or a reload included. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly optimizer: OptimizerName;
  /** Of the first weights and of the order of images. */
  readonly seed: number;
}

/** What a training under way tells, about ten times a second. */
export interface TrainReport {
  /** The losses of the steps since the last report. */
  readonly losses: readonly (readonly [step: number, loss: number])[];
  readonly epoch: number;
  readonly imagesPerSecond: number;
  /** What the device's buffers take. */
  readonly gpuBytes: number;
  /** After an epoch. */
  readonly test?: TestReport;
  /** Of the first convolution, now and then. */
  readonly filters?: Maps;
}

export interface TestReport {
  readonly epoch: number;
  readonly step: number;
  /** Fractions of 1. */
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
  readonly testLoss: number;
  /** Counts, [true class, predicted class]. */
  readonly confusion: Uint32Array;
}

export interface Answer {
  /** Of each class. */
  readonly probabilities: Float32Array;
  /** What the first two convolutions made of it. */
  readonly features: readonly { readonly layer: string; readonly maps: Maps }[];
}

const REPORT_MS = 100;
const FILTERS_MS = 400;
/** LeNet-5 is 0.25 MB, the small ResNet 0.3. */
const MAX_WEIGHT_BYTES = 2 ** 26;

export class Session {
  #device: Promise<Device> | undefined;
  #data: TrainingData | undefined;
  #model: Module | undefined;
  #modelName = '';
  #optimizer: AdamW | SGD | undefined;
  #optimizerName: OptimizerName = 'adamw';
  /** Of weights that nothing has changed yet. */
  #freshSeed: number | undefined;
  #progress: Progress = startOfRun();
  #stop: AbortController | undefined;

  /** Begins with the embedded digits. @param count training images */
  async useDigits(count: number): Promise<DataFacts> {
    if (!(Number.isInteger(count) && count >= 100 && count <= 60_000)) {
      throw new ShapeError(`digits: 100 to 60,000 training images, given ${count}`);
    }
    return this.#begin(digits(count));
  }

  /** @throws FormatError */
  async openFiles(files: readonly File[]): Promise<DataFacts> {
    return this.#begin(await openData(files));
  }

  /** What a reload left behind. */
  async kept(): Promise<Omit<KeptRun, 'weights'> | undefined> {
    const run = await keptRun();
    if (!run) return undefined;
    const { weights: _, ...facts } = run;
    return facts;
  }

  /** Takes the kept weights: training goes on with the epoch after theirs. @throws ShapeError when they are of another network */
  async resumeKept(): Promise<number> {
    const run = await keptRun();
    if (!run) throw new FormatError('no run is kept in this browser');
    this.#load(run.weights, `the kept weights of ${run.model} on ${run.data}`);
    this.#progress = { ...startOfRun(), epoch: run.epoch, step: run.step };
    return run.epoch;
  }

  /** Forgets the run, and begins with fresh weights. */
  async reset(): Promise<void> {
    await forgetRun();
    if (this.#data) await this.#begin(this.#data);
  }

  /** Trains until all epochs are done or `pause` is called; the next call goes on to the same bits. */
  async train(settings: Settings, onReport: (report: TrainReport) => void): Promise<'finished' | 'paused'> {
    const device = await this.#opened();
    const { data } = this.#ready();
    if (this.#freshSeed !== undefined && this.#freshSeed !== settings.seed) this.#makeModel(device, settings.seed);
    const { model } = this.#ready();
    this.#freshSeed = undefined;
    const optimizer = this.#optimizerFor(model, settings);
    this.#stop = new AbortController();
    const reporter = new Reporter(onReport, {
      filters: () => this.filters(),
      gpuBytes: () => device.memory().reservedBytes,
    });
    const { progress, isStopped } = await train({
      ...{ model, device, optimizer, trainSet: data.train, testSet: data.test },
      ...{ epochs: settings.epochs, batchSize: settings.batchSize, seed: settings.seed },
      from: this.#progress.step || this.#progress.epoch ? this.#progress : undefined,
      signal: this.#stop.signal,
      onStep: ({ progress, loss }) => reporter.step(progress, loss),
      onEpoch: ({ progress, trainAccuracy, test }) =>
        reporter.test(testReport(progress, trainAccuracy, test, data.test)),
      save: async (progress) => {
        this.#progress = progress;
        if (progress.batch === 0 && progress.epoch > 0) await this.#keep(progress);
      },
    });
    this.#progress = progress;
    reporter.flush();
    return isStopped ? 'paused' : 'finished';
  }

  /** Ends `train` after the step under way. */
  pause(): void {
    this.#stop?.abort();
  }

  /** As safetensors. */
  async weights(): Promise<Uint8Array> {
    return writeSafetensors(await this.#ready().model.stateDict(), { model: this.#modelName });
  }

  /** @throws FormatError, ShapeError when the file is damaged, or of another network */
  async openWeights(file: File): Promise<void> {
    if (file.size > MAX_WEIGHT_BYTES) {
      throw new FormatError(
        `${file.name} has ${file.size} bytes; weights of this network have far less than ${MAX_WEIGHT_BYTES}`,
      );
    }
    this.#load(new Uint8Array(await file.arrayBuffer()), file.name);
  }

  /** A test image and its class. */
  testImage(index: number): { pixels: Uint8Array; label: number } {
    const { test } = this.#ready().data;
    const size = test.shape.reduce((product, extent) => product * extent, 1);
    const at = Math.min(Math.max(Math.trunc(index) || 0, 0), test.count - 1);
    return { pixels: test.images.slice(at * size, (at + 1) * size), label: test.labels[at]! };
  }

  /** @param pixels levels 0 to 255 in the shape of the data set's images */
  async predict(pixels: Uint8Array): Promise<Answer> {
    const device = await this.#opened();
    const { model, data } = this.#ready();
    const image: Dataset = { ...data.test, images: pixels, labels: new Uint8Array(1), count: 1 };
    const { x, shape } = batchOf(image, [0]);
    const wasTraining = model.training;
    const names = convolutions(model).slice(0, 2);
    // all is enqueued before the first wait: a training step may come between then
    const reads: Promise<ArrayLike<number>>[] = [];
    const shapes: (readonly number[])[] = [];
    model.eval();
    try {
      using _ = device.scope();
      const { '': logits, ...features } = device.noGrad(() =>
        extractFeatures(model, device.tensor(x, shape), ['', ...names] as string[]),
      ) as Record<string, ReturnType<Device['tensor']>>;
      for (const tensor of [logits!.softmax(1), ...names.map((name) => features[name]!)]) {
        reads.push(tensor.data());
        shapes.push(tensor.shape);
      }
    } finally {
      model.train(wasTraining);
    }
    const [probabilities, ...values] = await Promise.all(reads);
    return {
      probabilities: Float32Array.from(probabilities!),
      features: names.map((layer, i) => ({ layer, maps: mapsOf(shapes[i + 1]!, values[i]!) })),
    };
  }

  /** The first convolution's. */
  async filters(): Promise<Maps> {
    const { model } = this.#ready();
    const { weight } = model.getSubmodule(convolutions(model)[0]!) as Conv2d;
    const [out, channels, height, width] = weight.shape;
    return mapsOf([1, out! * channels!, height!, width!], await weight.data());
  }

  /** What a driver's reset does. */
  async loseDevice(): Promise<void> {
    (await this.#opened()).gpu.destroy();
  }

  #opened(): Promise<Device> {
    this.#device ??= createDevice();
    return this.#device;
  }

  #ready(): { model: Module; data: TrainingData } {
    if (!this.#model || !this.#data) throw new ShapeError('train: no data set was chosen');
    return { model: this.#model, data: this.#data };
  }

  async #begin(data: TrainingData): Promise<DataFacts> {
    const { train, test } = data;
    const device = await this.#opened();
    this.#stop?.abort();
    this.#progress = startOfRun();
    this.#modelName = train.shape[0] === 1 ? 'lenet5' : 'resnet20';
    const model = this.#makeModel(device, 0);
    this.#data = data;
    const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
    return {
      ...{ name: train.name, model: this.#modelName, parameters },
      ...{ trainCount: train.count, testCount: test.count, shape: train.shape, classes: train.classes },
    };
  }

  #makeModel(device: Device, seed: number): Module {
    this.#optimizer?.dispose();
    this.#optimizer = undefined;
    this.#model?.dispose();
    this.#freshSeed = seed;
    this.#model = createModel(this.#modelName).to(device, { seed }) as Module;
    return this.#model;
  }

  /** The one so far, its moments kept, unless another is wanted. */
  #optimizerFor(model: Module, { optimizer: name, lr }: Settings): AdamW | SGD {
    if (this.#optimizer && this.#optimizerName !== name) {
      this.#optimizer.dispose();
      this.#optimizer = undefined;
    }
    this.#optimizerName = name;
    this.#optimizer ??=
      name === 'sgd' ? new SGD(model.parameters(), { lr, momentum: 0.9 }) : new AdamW(model.parameters(), { lr });
    for (const group of this.#optimizer.paramGroups) group.lr = lr;
    return this.#optimizer;
  }

  #load(bytes: Uint8Array, file: string): void {
    this.#ready().model.loadStateDict(readSafetensors(bytes, { file }).tensors);
    this.#optimizer?.dispose(); // its moments were of other weights
    this.#optimizer = undefined;
    this.#freshSeed = undefined;
    this.#progress = startOfRun();
  }

  async #keep({ epoch, step, best }: Progress): Promise<void> {
    const weights = new Uint8Array(await this.weights());
    const { train } = this.#ready().data;
    const testAccuracy = best?.testAccuracy ?? 0;
    await keepRun({ model: this.#modelName, data: train.name, epoch, step, testAccuracy, weights });
  }
}

interface ReporterReads {
  filters(): Promise<Maps>;
  gpuBytes(): number;
}

/** Gathers what steps tell, so that the page is not flooded. */
class Reporter {
  readonly #send: (report: TrainReport) => void;
  readonly #read: ReporterReads;
  #losses: [number, number][] = [];
  #last: Progress | undefined;
  #sentAt = 0;
  #filtersAt = 0;

  constructor(send: (report: TrainReport) => void, read: ReporterReads) {
    this.#send = send;
    this.#read = read;
  }

  step(progress: Progress, loss: number): void {
    this.#losses.push([progress.step, loss]);
    this.#last = progress;
    const now = performance.now();
    if (now - this.#sentAt >= REPORT_MS) this.flush();
    if (now - this.#filtersAt >= FILTERS_MS) {
      this.#filtersAt = now;
      // a read that fails with the device ends the training too, which tells it
      this.#read.filters().then(
        (filters) => this.flush({ filters }),
        () => {},
      );
    }
  }

  test(test: TestReport): void {
    this.flush({ test });
  }

  flush(more: Pick<TrainReport, 'test' | 'filters'> = {}): void {
    const progress = this.#last;
    if (!progress) return;
    const { images, seconds } = progress.current;
    this.#send({
      losses: this.#losses,
      epoch: progress.epoch,
      imagesPerSecond: seconds ? images / seconds : 0,
      gpuBytes: this.#read.gpuBytes(),
      ...more,
    });
    this.#losses = [];
    this.#sentAt = performance.now();
  }
}

function testReport(progress: Progress, trainAccuracy: number, test: Evaluation, data: Dataset): TestReport {
  const { counts } = confusionMatrix(data.labels.subarray(0, test.total), test.predictions, data.classes.length);
  const { epoch, step } = progress;
  return { epoch, step, trainAccuracy, testAccuracy: test.accuracy, testLoss: test.loss, confusion: counts };
}

function convolutions(model: Module): string[] {
  return [...model.namedModules()].filter(([, module]) => module instanceof Conv2d).map(([name]) => name);
}
