// What the worker of the Models page answers. Only shapes run through the models, so no device is needed.
import { type Layer, layers, type Totals, totals } from '../../engine/nn/index.ts';
import type { AnyModule } from '../../engine/nn/module.ts';
import { diagram } from '../../models/diagram/diagram.ts';
import { createModel, modelEntries, modelEntry, type Paper, type PublishedAccuracy } from '../../models/index.ts';
import { findLayerCode } from './findLayerCode.ts';
import { MODEL_SOURCES } from './modelSources.ts';

export interface ModelFacts {
  readonly name: string;
  readonly family: string;
  readonly paper: Paper;
  readonly accuracy: PublishedAccuracy | undefined;
  readonly inputShape: readonly [channels: number, height: number, width: number];
  readonly numClasses: number;
}

export interface ModelChoice {
  readonly name: string;
  readonly numClasses: number;
  readonly inputShape: readonly [channels: number, height: number, width: number];
}

export interface ModelFigure {
  /** Of what it is. */
  readonly choice: ModelChoice;
  /** Interactive: see `diagram`. */
  readonly svg: string;
  readonly layers: readonly Layer[];
  readonly totals: Totals;
}

export interface ShownCode {
  readonly file: string;
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

export class Session {
  #model: { choice: string; model: AnyModule } | undefined;

  list(): ModelFacts[] {
    return modelEntries().map(({ name, family, paper, accuracy, inputShape, numClasses }) => ({
      ...{ name, family, paper, accuracy, inputShape, numClasses },
    }));
  }

  /** @throws ShapeError for a number of classes or a size that the model cannot have */
  figure(choice: ModelChoice): ModelFigure {
    const model = this.#modelOf(choice);
    const { paper } = modelEntry(choice.name);
    const title = `${choice.name}: ${paper.title}, ${paper.year}`;
    const svg = diagram(model, choice.inputShape, { title, interactive: true });
    const rows = layers(model, choice.inputShape);
    return { choice, svg, layers: rows, totals: totals(rows) };
  }

  /** The source that makes a layer, or, with `isForward`, runs it. Undefined where it is not of the models' folder. */
  code(choice: ModelChoice, layer: { name: string; isForward: boolean }): ShownCode | undefined {
    const found = findLayerCode(this.#modelOf(choice), layer, MODEL_SOURCES);
    return found && { ...found, text: MODEL_SOURCES[found.file]! };
  }

  #modelOf({ name, numClasses, inputShape: [inChannels] }: ModelChoice): AnyModule {
    const choice = `${name} ${numClasses} ${inChannels}`;
    if (this.#model?.choice !== choice) this.#model = { choice, model: createModel(name, { numClasses, inChannels }) };
    return this.#model.model;
  }
}
