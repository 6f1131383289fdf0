// Transforms from what their `toJSON` gave: how they reach a worker.
import { ShapeError } from '../../kernels/errors.ts';
import { CenterCrop } from './centerCrop.ts';
import { ColorJitter } from './colorJitter.ts';
import { Compose } from './compose.ts';
import { Grayscale } from './grayscale.ts';
import { Normalize } from './normalize.ts';
import { Pad } from './pad.ts';
import { Preprocess } from './preprocess.ts';
import { RandomCrop } from './randomCrop.ts';
import { RandomErasing } from './randomErasing.ts';
import { RandomGrayscale } from './randomGrayscale.ts';
import { RandomHorizontalFlip } from './randomHorizontalFlip.ts';
import { RandomResizedCrop } from './randomResizedCrop.ts';
import { RandomRotation } from './randomRotation.ts';
import { RandomVerticalFlip } from './randomVerticalFlip.ts';
import { Resize } from './resize.ts';
import { ToTensor } from './toTensor.ts';
import type { Transform } from './transform.ts';

type Description = ReturnType<Transform['toJSON']>;

/** Fields of a description are a constructor's arguments under their names; each constructor checks its own. */
// biome-ignore lint/suspicious/noExplicitAny: what it is, the constructors find out
const MAKERS: Readonly<Record<string, (given: any, depth: number) => Transform>> = {
  CenterCrop: ({ size }) => new CenterCrop(size),
  ColorJitter: (given) => new ColorJitter(given),
  Compose: ({ transforms }, depth) =>
    new Compose(Array.isArray(transforms) ? transforms.map((each) => made(each, depth + 1)) : transforms),
  Grayscale: ({ numOutputChannels }) => new Grayscale(numOutputChannels),
  Normalize: ({ mean, std }) => new Normalize(mean, std),
  Pad: ({ padding, ...given }) => new Pad(padding, given),
  Preprocess: ({ preprocessing }) => new Preprocess(preprocessing),
  RandomCrop: ({ size, ...given }) => new RandomCrop(size, given),
  RandomErasing: (given) => new RandomErasing(given),
  RandomGrayscale: ({ p }) => new RandomGrayscale(p),
  RandomHorizontalFlip: ({ p }) => new RandomHorizontalFlip(p),
  RandomResizedCrop: ({ size, ...given }) => new RandomResizedCrop(size, given),
  RandomRotation: ({ degrees, ...given }) => new RandomRotation(degrees, given),
  RandomVerticalFlip: ({ p }) => new RandomVerticalFlip(p),
  Resize: ({ size, ...given }) => new Resize(size, given),
  ToTensor: () => new ToTensor(),
};

const MAX_DEPTH = 64;
/** Of lists and objects within an argument. */
const MAX_ARGUMENT_DEPTH = 8;

/**
 * @throws ShapeError for a type that is none of ours, arguments that it lacks or refuses, and Compose within more than 64
 *   others
 */
export function transformFromJSON(description: Description): Transform {
  return made(description, 0);
}

function made(description: Description, depth: number): Transform {
  if (depth > MAX_DEPTH) throw new ShapeError(`Compose: lies within more than ${MAX_DEPTH} others`);
  const type = description?.type;
  if (type !== undefined && typeof type !== 'string') throw new ShapeError('a transform whose type is no text');
  const make = Object.hasOwn(MAKERS, type) ? MAKERS[type] : undefined;
  if (!make) throw new ShapeError(`no transform '${type}': known are ${Object.keys(MAKERS).join(', ')}`);
  for (const [argument, value] of Object.entries(description)) {
    if (argument !== 'transforms' || !Array.isArray(value)) checkShowable(type, value);
  }
  const transform = make(description, depth);
  const known = Object.keys(transform.toJSON());
  const stranger = Object.keys(description).find((argument) => !known.includes(argument));
  if (stranger === undefined) return transform;
  throw new ShapeError(
    `${type}: has no argument '${stranger}', only ${known.filter((name) => name !== 'type').join(', ')}`,
  );
}

/** Errors show what was given as `${value}`, which fails for what nests without end or brings a `toString` of its own. */
function checkShowable(type: string, value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  const isShowable = !Object.hasOwn(value, 'toString') && !Object.hasOwn(value, 'valueOf');
  if (depth > MAX_ARGUMENT_DEPTH || !isShowable) {
    throw new ShapeError(`${type}: its arguments are numbers, texts and lists of them, no deeply nested objects`);
  }
  for (const each of Object.values(value)) checkShowable(type, each, depth + 1);
}
