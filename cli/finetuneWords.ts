// What `fineTune` refuses, in the words of who typed `wgrad finetune`: `validationShare` is `--validation` there.
import { ShapeError, WgradError } from '../kernels/errors.ts';
import { UsageError } from './usageError.ts';

/** Options whose flag is the name in kebab case. */
const SAME = [
  ...['freeze', 'frozenBatchNorm', 'epochs', 'batchSize', 'lrDecay', 'unfreezeEvery', 'labelSmoothing', 'mixup'],
  ...['classWeights', 'clipNorm', 'precision', 'patience', 'cache', 'seed', 'optimizer', 'lr', 'momentum'],
  ...['weightDecay', 'scheduler', 'warmup'],
];
const FLAGS = new Map([
  ...SAME.map((name) => [name, `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] as const),
  ['validationShare', '--validation'],
  ['numClasses', '--classes'],
]);
const CAMEL = [...FLAGS.keys()].filter((name) => /[A-Z]/.test(name)).join('|');
const PLAIN = [...FLAGS.keys()].filter((name) => !/[A-Z]/.test(name)).join('|');

/** In order. Names that are words of English too are options only where a message begins, or says to leave them out. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^(fineTune|lrFind|replaceHead): /, ''],
  [/\bdata\.validation or validationShare\b/, 'validationShare'],
  [/\bcache:? '(\w+)'/g, '--cache $1'],
  [/\bfreeze (?=backbone\b|none\b|until:)/g, '--freeze '],
  [new RegExp(`(?<=^|\\bleave )(${PLAIN})(?=:| must | needs | mixes | out\\b| or )`, 'g'), '--$1'],
];

/** The same error, or one that names flags where it named options. */
export function inFlags(error: unknown): unknown {
  if (!(error instanceof ShapeError || error?.constructor === WgradError)) return error;
  const text = RULES.reduce((message, [pattern, words]) => message.replace(pattern, words), error.message);
  const message = text.replace(new RegExp(`\\b(${CAMEL})\\b`, 'g'), (name) => FLAGS.get(name)!);
  return message === error.message ? error : new UsageError(message, { cause: error });
}
