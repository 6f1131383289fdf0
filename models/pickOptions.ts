// The options of a model, checked once for all families.
import { ShapeError } from '../kernels/errors.ts';
import type { ModelOptions } from './entry.ts';

/**
 * Those of `options` that were given, when the model has a use for all of them. An undefined value counts as not given.
 * @param known what the model takes
 * @throws ShapeError naming an option that the model has no use for, or a value that is none
 */
export function pickOptions<Known extends keyof ModelOptions>(
  model: string,
  options: ModelOptions,
  known: readonly Known[],
): Pick<ModelOptions, Known> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [option, value] of given) {
    if (!known.some((each) => each === option)) {
      throw new ShapeError(`${model} has no option ${option}; it has ${known.join(', ') || 'none'}`);
    }
    const wanted = WANTED[option as Known];
    if (!wanted.isLegal(value)) throw new ShapeError(`${model}: ${option} must be ${wanted.text}, given ${value}`);
  }
  return Object.fromEntries(given) as Pick<ModelOptions, Known>;
}

interface Wanted {
  readonly text: string;
  readonly isLegal: (value: unknown) => boolean;
}

const COUNT: Wanted = {
  text: 'a whole number above 0',
  isLegal: (value) => Number.isInteger(value) && Number(value) > 0,
};
const SWITCH: Wanted = { text: 'true or false', isLegal: (value) => typeof value === 'boolean' };
const WANTED: Readonly<Record<keyof ModelOptions, Wanted>> = {
  numClasses: COUNT,
  inChannels: COUNT,
  dropout: {
    text: 'a number from 0 to below 1',
    isLegal: (value) => typeof value === 'number' && value >= 0 && value < 1,
  },
  auxLogits: SWITCH,
  transformInput: SWITCH,
  widthMultiplier: {
    text: 'a number above 0',
    isLegal: (value) => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY,
  },
};
