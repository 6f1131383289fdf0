// The plan of the house, enforced: which folder may import which, and no variables at module level.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix, sep } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

interface Layer {
  /** What it may import besides itself: folders, files, `kernels types`, `packages`. */
  readonly imports: readonly string[];
  /** Never runs in a browser. Otherwise node: builtins and Dawn stay in folders called node/. */
  readonly isNodeOnly?: boolean;
  /** A script or a test may keep variables at module level. */
  readonly isScript?: boolean;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly isType: boolean;
}

const portable = ['kernels', 'datasets', 'engine', 'models', 'training', 'lab', 'packages'];
const library = [...portable, 'service'];
const script = { isNodeOnly: true, isScript: true };
const layers: Readonly<Record<string, Layer>> = {
  kernels: { imports: [] },
  // CIFAR's Python files are pickles, and there is one machine that reads pickles without running them
  // and one answer to where WGRAD_HOME is; and one way to write a file
  datasets: {
    imports: [
      'kernels/errors.ts',
      'engine/serialization/pickle',
      'engine/node/cacheFolder.ts',
      'engine/node/fileError.ts',
      'engine/node/replaceFile.ts',
      'packages',
    ],
  },
  engine: { imports: ['kernels', 'packages'] },
  models: {
    imports: [
      'engine',
      'kernels/errors.ts',
      'kernels types',
      'datasets types',
      'datasets/images/preprocessing.ts',
      'datasets/node/download', // weights are fetched as data sets are
      'packages',
    ],
  },
  training: { imports: ['engine', 'models', 'datasets', 'kernels', 'packages'] },
  service: { imports: ['engine', 'models', 'datasets', 'training', 'kernels', 'packages'], isNodeOnly: true },
  lab: { imports: ['engine', 'kernels', 'packages'] },
  cli: { imports: [...library, 'bench'], ...script },
  app: { imports: portable, isScript: true },
  bench: { imports: library, ...script },
  examples: { imports: library, ...script },
  tools: { imports: library, ...script },
  docs: { imports: ['packages'], ...script },
  tests: { imports: [...library, 'cli', 'app', 'bench', 'examples', 'tools'], ...script },
};

const root = join(import.meta.dirname, '..');
const test = suite('structure');

test('imports are found in every form', () => {
  const text = `import 'a';\nimport b, { type B } from 'b';\nimport {\n  c,\n} from 'c';\nexport * from 'd';
import type { E } from 'e';\nexport type { F } from 'f';\nconst g = await import('g');\nconst text = "from 'h'";`;
  const found = importsIn({ file: 'x.ts', text });
  assert.equal(
    found.map(({ specifier, isType }) => specifier + (isType ? ' type' : '')),
    ['a', 'b', 'c', 'd', 'e type', 'f type', 'g'],
  );
});

test('every folder with sources has its arrows', () => {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const ours = folders.map(({ name }) => name).filter((name) => !/^(\.|node_modules$|dist$|runs$)/.test(name));
  const strangers = ours.filter((name) => !(name in layers) && sourcesOf(name).length > 0);
  assert.equal(strangers, []);
});

for (const [name, layer] of Object.entries(layers).filter(([name]) => existsSync(join(root, name)))) {
  const { imports, isNodeOnly, isScript } = layer;
  test(`${name} imports ${imports.join(', ') || 'nothing outside'}`, () => {
    refuse(importsOf(name).filter((each) => !isAllowed(each, name, layer)));
  });

  if (!isNodeOnly)
    test(`${name} keeps Node and Dawn in folders called node`, () => {
      const outside = importsOf(name).filter(({ file }) => !file.includes('/node/'));
      refuse(outside.filter(({ specifier }) => isBuiltin(specifier) || specifier === 'webgpu'));
    });

  if (!isScript)
    test(`${name} has no variables at module level`, () => {
      const found = sourcesOf(name).flatMap(({ file, text }) =>
        [...text.matchAll(/^(?:export )?(?:let|var) .*/gm)].map(([specifier]) => ({ file, specifier })),
      );
      refuse(found);
    });
}
test.run();

function isAllowed({ file, specifier, isType }: Import, own: string, { imports, isScript }: Layer): boolean {
  if (/^wgrad(\/|$)/.test(specifier)) return Boolean(isScript); // the package by its own name, as its users import it
  if (isBuiltin(specifier)) return own !== 'kernels';
  if (!specifier.startsWith('.')) return imports.includes('packages');
  const target = posix.join(posix.dirname(file), specifier);
  if (target === 'package.json') return Boolean(isScript);
  const folder = target.split('/')[0];
  const names = [folder, target, posix.dirname(target), ...(isType ? [`${folder} types`] : [])];
  return folder === own || names.some((each) => imports.includes(each));
}

function importsOf(folder: string): Import[] {
  return sourcesOf(folder).flatMap(importsIn);
}

function importsIn({ file, text }: Source): Import[] {
  const named = text.matchAll(/^(?:import|export)\b( type)?(?:[^;'"]*?\bfrom)? '([^']+)'/gm);
  const dynamic = text.matchAll(/\bimport\(()'([^']+)'\)/g);
  return [...named, ...dynamic].map(([, type, specifier]) => ({ file, specifier, isType: Boolean(type) }));
}

function sourcesOf(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name) && !name.endsWith('.wgsl.ts') && !/node_modules|site\/out/.test(name))
    .map((name) => ({
      file: posix.join(folder, ...name.split(sep)),
      text: readFileSync(join(root, folder, name), 'utf8'),
    }));
}

function refuse(found: readonly { file: string; specifier: string }[]): void {
  if (found.length) throw new Error(found.map(({ file, specifier }) => `${file}: ${specifier}`).join('\n'));
}
