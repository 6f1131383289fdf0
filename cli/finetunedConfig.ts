// config.json beside fine-tuned weights: what `eval` and `classify` need to use them, and what they were made with.
import type { Preprocessing } from '../datasets/images/preprocessing.ts';
import { shown } from '../datasets/shown.ts';
import { FormatError } from '../kernels/errors.ts';
import type { ModelOptions } from '../models/entry.ts';

export interface FinetunedConfig {
  format: 'wgrad fine-tuning';
  version: 1;
  /** A name of `listModels()`. */
  model: string;
  /** How the model is built, its classes aside. */
  options: ModelOptions;
  dataset: string;
  /** Names of the classes, in the order of the logits. */
  classes: readonly string[];
  preprocessing: Preprocessing;
  /** Everything else that was said, for whoever wants to repeat it. */
  settings: Readonly<Record<string, unknown>>;
}

const MAX_CLASSES = 1e6;

/** @throws FormatError naming the file, the field, what was found and what was expected */
export function parseFinetunedConfig(file: string, text: string): FinetunedConfig | undefined {
  let config: Partial<Record<keyof FinetunedConfig, unknown>> | null;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${file}: expected JSON: ${(cause as Error).message}`, { cause });
  }
  if (config?.format !== 'wgrad fine-tuning') return undefined;
  const expect = (name: string, value: unknown, expected: string, isRight: boolean) => {
    if (!isRight) throw new FormatError(`${file}: ${name} must be ${expected}, found ${shown(value, 'nothing')}`);
  };
  const { version, model, options, dataset, classes, preprocessing } = config;
  expect('version', version, '1, the only one this wgrad reads', version === 1);
  expect('model', model, 'a text', typeof model === 'string');
  expect('dataset', dataset, 'a text', typeof dataset === 'string');
  expect('options', options, 'an object', isObject(options));
  const isNames = Array.isArray(classes) && classes.length > 0 && classes.length <= MAX_CLASSES;
  expect('classes', classes, 'a list of texts', isNames && classes.every((name) => typeof name === 'string'));
  expect('preprocessing', preprocessing, 'an object', isObject(preprocessing));
  const { mean, std, resize, crop } = preprocessing as Record<string, unknown>;
  expect('preprocessing.mean', mean, 'a list of numbers', isNumbers(mean));
  expect('preprocessing.std', std, 'a list of numbers', isNumbers(std));
  for (const [name, size] of Object.entries({ resize, crop })) {
    expect(`preprocessing.${name}`, size, 'a number of pixels, two, or nothing', isSize(size));
  }
  return config as unknown as FinetunedConfig;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.length <= 4 && value.every(Number.isFinite);
}

function isSize(value: unknown): boolean {
  const isPixels = (side: unknown) => Number.isSafeInteger(side) && Number(side) > 0 && Number(side) <= 2 ** 14;
  return (
    value === undefined || isPixels(value) || (Array.isArray(value) && value.length === 2 && value.every(isPixels))
  );
}
