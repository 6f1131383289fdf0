// What the worker of the Classify page holds: one classifier, one picture, and what the one said about the other.
import type { Image } from '../../datasets/images/image.ts';
import { preprocess } from '../../datasets/images/preprocess.ts';
import type { Preprocessing } from '../../datasets/images/preprocessing.ts';
import type { Device } from '../../engine/device.ts';
import { createDevice } from '../../engine/index.ts';
import { extractFeatures, type Layer, type Linear, layers, type Totals, totals } from '../../engine/nn/index.ts';
import type { Tensor } from '../../engine/tensor.ts';
import { DeviceLostError, ShapeError } from '../../kernels/errors.ts';
import { checkModelFits } from '../../training/checkModelFits.ts';
import { type Classification, topClasses } from '../../training/topClasses.ts';
import { classActivationMap, type HeatMap, type LinearHead, type PooledFeatures } from './classActivationMap.ts';
import { findPooledMap, type PooledMap } from './findPooledMap.ts';
import { type Classifier, loadClassifier } from './loadClassifier.ts';
import { occluded, occlusionPatches } from './occlusion.ts';
import { openPicture } from './openPicture.ts';
import { type SuggestedPreprocessing, suggestClassNames, suggestPreprocessing } from './suggestPreprocessing.ts';

export interface LayerTable {
  readonly inputShape: readonly [c: number, h: number, w: number];
  readonly layers: readonly Layer[];
  readonly totals: Totals;
}

export interface CheckpointReport {
  readonly file: string;
  /** As the registry calls it: `resnet20`. */
  readonly model: string;
  readonly paper: string;
  /** The published file that it is; undefined where it is none. */
  readonly published: string | undefined;
  readonly inChannels: number;
  readonly classNames: readonly string[];
  readonly suggested: SuggestedPreprocessing;
  /** How the page can show where a class comes from. */
  readonly explanation: 'activation' | 'occlusion';
  readonly table: LayerTable;
  readonly adapter: string;
}

export interface Prediction {
  /** The most probable classes, the first first. */
  readonly top: readonly Classification[];
  /** What the network was shown: RGBA. */
  readonly view: { readonly width: number; readonly height: number; readonly rgba: Uint8ClampedArray<ArrayBuffer> };
  readonly table: LayerTable;
}

/** A map and how many of its cells are there yet. */
export interface OcclusionProgress {
  readonly done: number;
  readonly total: number;
  readonly map: HeatMap;
}

/** Pictures that go through the network at once. */
const BATCH_SIZE = 8;
const TOP = 5;

interface Prepared {
  readonly data: Float32Array;
  readonly shape: readonly [c: number, h: number, w: number];
  readonly logits: Float32Array;
  readonly features: PooledFeatures | undefined;
}

export class Session {
  #device: Device | undefined;
  #file: File | undefined;
  #classifier: Classifier | undefined;
  #picture: Image | undefined;
  #prepared: Prepared | undefined;
  #head: LinearHead | undefined;
  #pooled: PooledMap | undefined;
  #isStopped = false;

  /** The classifier before stays in use when this one cannot be read. @throws FormatError, ShapeError, AdapterError */
  async openCheckpoint(file: File): Promise<CheckpointReport> {
    const device = await this.#open();
    const classifier = await this.#guarded(() => loadClassifier(file, device));
    try {
      const { entry, inChannels, weights, isPublished } = classifier;
      const suggested = suggestPreprocessing(classifier);
      const { crop } = suggested.preprocessing;
      const table = tableOf(classifier, [inChannels, crop, crop]);
      const pooled = findPooledMap(classifier.model, table.inputShape);
      const head = pooled?.head === undefined ? undefined : await readHead(classifier, pooled.head);
      this.#classifier?.model.dispose();
      this.#file = file;
      this.#classifier = classifier;
      this.#pooled = pooled;
      this.#head = head;
      this.#prepared = undefined;
      return {
        file: file.name,
        model: entry.name,
        paper: `${entry.paper.title}, ${entry.paper.year}`,
        published: isPublished ? weights?.file : undefined,
        inChannels,
        classNames: suggestClassNames(classifier),
        suggested,
        explanation: pooled ? 'activation' : 'occlusion',
        table,
        adapter: device.adapterName,
      };
    } catch (error) {
      if (this.#classifier !== classifier) classifier.model.dispose();
      throw error;
    }
  }

  /** The picture before stays when this one cannot be read. @throws FormatError */
  async openPicture(file: File): Promise<{ name: string; width: number; height: number }> {
    const picture = await openPicture(file);
    this.#picture = picture;
    this.#prepared = undefined;
    return { name: file.name, width: picture.width, height: picture.height };
  }

  /**
   * What the classifier sees in the picture.
   * @param options.names of the classes, one for each
   * @throws ShapeError for sizes, mean and std that the model cannot take
   */
  async classify(options: { preprocessing: Preprocessing; names: readonly string[] }): Promise<Prediction> {
    const { preprocessing, names } = options;
    if (!this.#classifier && this.#file) await this.openCheckpoint(this.#file); // its device was lost
    if (!this.#classifier || !this.#picture) throw new ShapeError('classify: give a checkpoint and a picture first');
    const { entry, numClasses, inChannels } = this.#classifier;
    if (names.length !== numClasses) {
      throw new ShapeError(`${names.length} names of classes were given; ${entry.name} has ${numClasses} classes here`);
    }
    if (preprocessing.mean.length !== inChannels) {
      throw new ShapeError(`${entry.name} reads ${inChannels} channels here; mean has ${preprocessing.mean.length}`);
    }
    const { data, shape } = preprocess(this.#picture, preprocessing);
    checkModelFits(entry, 'the picture, as prepared,', [shape[1], shape[2]]);
    const table = tableOf(this.#classifier, shape);
    const { logits, features } = await this.#guarded(() => this.#run(data, shape));
    this.#prepared = { data, shape, logits, features };
    return {
      top: topClasses(logits, { names, top: TOP }),
      view: { height: shape[1], width: shape[2], rgba: pixelsOf(data, shape, preprocessing) },
      table,
    };
  }

  /** Where a class's logit comes from; its mean over the map is the logit. @throws ShapeError before `classify` */
  activationMap(index: number): HeatMap {
    const features = this.#prepared?.features;
    if (!features) throw new ShapeError('activationMap: classify a picture first');
    return classActivationMap(features, this.#head, index);
  }

  /**
   * How far a class's logit falls when a patch of the picture is covered.
   * @param grid cells in each direction
   * @param onProgress is told after every batch, with zeros in the cells to come
   * @returns the map; where `stop()` was called, as far as it came
   */
  async occlusionMap(
    index: number,
    grid: number,
    onProgress: (progress: OcclusionProgress) => unknown,
  ): Promise<HeatMap> {
    if (!this.#prepared) throw new ShapeError('occlusionMap: classify a picture first');
    const { data, shape, logits } = this.#prepared;
    this.#isStopped = false;
    const patches = occlusionPatches(shape[1], shape[2], grid);
    const side = Math.round(Math.sqrt(patches.length));
    const values = new Float32Array(patches.length);
    const map = { width: side, height: side, values };
    for (let done = 0; done < patches.length && !this.#isStopped; ) {
      const batch = patches.slice(done, done + BATCH_SIZE);
      const covered = new Float32Array(batch.length * data.length);
      for (const [i, patch] of batch.entries()) covered.set(occluded(data, shape, patch), i * data.length);
      const fallen = await this.#guarded(() => this.#logits(covered, [batch.length, ...shape]));
      for (const i of batch.keys()) values[done + i] = logits[index]! - fallen[i * logits.length + index]!;
      done += batch.length;
      onProgress({ done, total: patches.length, map: { ...map, values: values.slice() } });
    }
    return map;
  }

  /** Ends `occlusionMap` behind the batch that runs. */
  stop(): void {
    this.#isStopped = true;
  }

  async #open(): Promise<Device> {
    this.#device ??= await createDevice();
    return this.#device;
  }

  async #run(data: Float32Array, shape: Prepared['shape']): Promise<Pick<Prepared, 'logits' | 'features'>> {
    const { model } = this.#classifier!;
    const device = await this.#open();
    const pooled = this.#pooled;
    if (!pooled) return { logits: await this.#logits(data, [1, ...shape]), features: undefined };
    using _ = device.scope();
    const outputs = device.noGrad(() => extractFeatures(model, device.tensor(data, [1, ...shape]), ['', pooled.layer]));
    const map = outputs[pooled.layer]!;
    const [, c, h, w] = map.shape as [number, number, number, number];
    const values = (await map.data()) as Float32Array;
    return { logits: (await outputs['']!.data()) as Float32Array, features: { data: values, shape: [c, h, w] } };
  }

  async #logits(data: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    const { model } = this.#classifier!;
    const device = await this.#open();
    using _ = device.scope();
    const output = device.noGrad(() => model.call(device.tensor(data, shape))) as Tensor;
    return (await output.data()) as Float32Array;
  }

  /** A lost device is forgotten with all that lay on it, so that the next call opens another. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeviceLostError) {
        this.#device = undefined;
        this.#classifier = undefined;
        this.#prepared = undefined;
      }
      throw error;
    }
  }
}

function tableOf({ model }: Classifier, inputShape: LayerTable['inputShape']): LayerTable {
  const rows = layers(model, inputShape);
  return { inputShape, layers: rows, totals: totals(rows) };
}

async function readHead({ model }: Classifier, name: string): Promise<LinearHead> {
  const head = model.getSubmodule(name) as Linear;
  return {
    weight: (await head.weight.data()) as Float32Array,
    bias: (await head.bias?.data()) as Float32Array | undefined,
  };
}

/** The picture out of what the network reads, normalisation undone. */
function pixelsOf(
  data: Float32Array,
  [channels, height, width]: Prepared['shape'],
  { mean, std }: Preprocessing,
): Uint8ClampedArray<ArrayBuffer> {
  const area = height * width;
  const rgba = new Uint8ClampedArray(area * 4).fill(255);
  for (let i = 0; i < area; i++) {
    for (let k = 0; k < 3; k++) {
      const c = channels === 1 ? 0 : k;
      rgba[4 * i + k] = Math.round(255 * (data[c * area + i]! * std[c]! + mean[c]!));
    }
  }
  return rgba;
}
