// Which suites run in a browser: all below these folders, but for those that are of Node, each with its reason.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundleForBrowser.ts';

export const folders = ['engine', 'kernels', 'lab', 'nn', 'optim', 'training'] as const;

const FILES = 'writes files and reads them';
const REAL_DATA = 'reads the files of WGRAD_DATA';

/** Suites of Node alone, and why. */
export const ofNode: Readonly<Record<string, string>> = {
  'tests/engine/calmWait.test.ts': 'how Node waits for Dawn; a browser waits by itself',
  'tests/engine/preprocessPhotographs.test.ts': REAL_DATA,
  'tests/engine/tuningFile.test.ts': FILES,
  'tests/training/batchSource.test.ts': FILES,
  'tests/training/checkpoint.test.ts': FILES,
  'tests/training/evalReal.test.ts': REAL_DATA,
  'tests/training/featureStore.test.ts': FILES,
  'tests/training/fineTune.test.ts': FILES,
  'tests/training/googlenet.test.ts': FILES,
  'tests/training/resume.test.ts': FILES,
  'tests/training/run.test.ts': FILES,
};

/** The suites that run in a browser, from the repository's root, sorted; not the slow ones. */
export function browserSuites(): string[] {
  return suitesBelow(folders).filter((path) => !Object.hasOwn(ofNode, path));
}

export function suitesBelow(names: readonly string[]): string[] {
  const paths = names.flatMap((name) =>
    readdirSync(join(root, 'tests', name), { recursive: true, encoding: 'utf8' }).map(
      (path) => `tests/${name}/${path.replaceAll('\\', '/')}`,
    ),
  );
  return paths.filter((path) => path.endsWith('.test.ts') && !path.endsWith('.slow.test.ts')).sort();
}

/** The short form: every kernel of every room, gradients, modules and training, few cases and draws of each. */
export const shortForm = {
  environment: { WGRAD_CASES: '2', WGRAD_DRAWS: '1' },
  suites: [
    'tests/engine/autograd.test.ts',
    'tests/engine/capture.test.ts',
    'tests/kernels/rooms.test.ts',
    'tests/nn/module.test.ts',
    'tests/optim/optimizers.test.ts',
    'tests/training/trainer.test.ts',
  ],
} as const;
