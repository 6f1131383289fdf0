// What the package costs: the tarball, and what of it a browser has to load for what an application does with it.
import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packedPackage, repository } from './packedPackage.ts';

const run = promisify(execFile);

const packed = await packedPackage();
const test = suite('package size');
test.after(() => packed.remove());

test('LeNet-5 inference is less than 60 kB, training less than 80', async () => {
  const [inference, training] = [await bundle('lenetInference'), await bundle('lenetTraining')];
  assert.ok(inference.first < 60_000, `${inference.first} bytes`);
  assert.ok(training.first < 80_000, `${training.first} bytes`);
});

test('a bundle of inference holds nothing of other models, data sets, optimizers and references', async () => {
  const { inputs } = await bundle('lenetInference');
  const strangers = /\/(optim|datasets|training|lab|cli|bench)\/|\/reference\.js|\/cases\.js|batchNorm2d|crossEntropy/;
  assert.equal(
    inputs.filter((path) => strangers.test(path)),
    [],
  );
});

test('every browser subpath is bundled for a browser, charts and decoders apart from what is loaded first', async () => {
  const everything = await bundle('everything');
  assert.ok(everything.first < 300_000, `${everything.first} bytes`);
  assert.ok(everything.later > 0);
});

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: packed.root });
  assert.equal(
    messages.map((message) => formatMessage(message, pkg!)),
    [],
  );
});

test('the tarball holds modules, their types and what a reader needs, less than 1.2 MB of it', async () => {
  console.log(`\nmeasured: tarball ${kilobytes(packed.tarballBytes)}, unpacked ${kilobytes(packed.unpackedBytes)}`);
  assert.ok(packed.tarballBytes < 1_200_000, `${packed.tarballBytes} bytes`);
  const strangers = packed.files.filter((path) => !/^dist\/.+\.(js|d\.ts)$|^dist\/kernels\/.+\.wgsl$/.test(path));
  assert.equal(strangers.sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bench/suite/contenders/pytorch.py',
    'package.json',
  ]);
  assert.equal(
    packed.files.filter((path) => /(^|\/)tests\/|\.test\./.test(path)),
    [],
  );
});

test('`wgrad kernel show` of the package prints kernels with their comments', async () => {
  const show = async (program: readonly string[]) =>
    (await run(process.execPath, [...program, 'kernel', 'show', 'conv2d/forward'], { cwd: repository })).stdout;
  const ours = await show(['--import', 'tsx', 'cli/wgrad.ts']);
  assert.match(ours, /\/\/ (?!----)/);
  assert.is(await show([join(packed.root, 'dist', 'cli', 'wgrad.js')]), ours);
});

test('installing it runs nothing', async () => {
  const { scripts } = (await import(join(packed.root, 'package.json'), { with: { type: 'json' } })).default;
  const found = ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts);
  assert.equal(found, []);
});

test.run();

interface Bundle {
  /** Bytes, minified and compressed (gzip -9), that are loaded first, and those that wait for being asked for. */
  readonly first: number;
  readonly later: number;
  /** Paths of the modules loaded first. */
  readonly inputs: readonly string[];
}

async function bundle(name: string): Promise<Bundle> {
  const entry = join(packed.folder, `${name}.js`);
  copyFileSync(join(import.meta.dirname, 'bundles', `${name}.js`), entry);
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    ...{ bundle: true, minify: true, splitting: true, metafile: true, write: false },
    ...{ format: 'esm', platform: 'browser', target: 'es2022' },
    outdir: packed.folder,
    absWorkingDir: packed.folder,
    logLevel: 'error',
  });
  const sizeOf = (path: string) =>
    gzipSync(outputFiles.find((file) => file.path === join(packed.folder, path))!.contents, { level: 9 }).length;
  const entryOutput = Object.keys(metafile.outputs).find((path) => metafile.outputs[path].entryPoint)!;
  const outputs = staticImports(metafile.outputs, entryOutput);
  const first = outputs.reduce((sum, path) => sum + sizeOf(path), 0);
  const all = Object.keys(metafile.outputs).reduce((sum, path) => sum + sizeOf(path), 0);
  console.log(
    `\nmeasured: ${name} ${kilobytes(first)}${all > first ? `, and ${kilobytes(all - first)} when asked for` : ''}`,
  );
  return { first, later: all - first, inputs: outputs.flatMap((path) => Object.keys(metafile.outputs[path].inputs)) };
}

type Outputs = Readonly<Record<string, { readonly imports: readonly { path: string; kind: string }[] }>>;

/** An output and all that is loaded together with it. */
function staticImports(outputs: Outputs, entry: string): string[] {
  const found = new Set([entry]);
  for (const path of found) {
    for (const { path: imported, kind } of outputs[path].imports) {
      if (kind === 'import-statement' && imported in outputs) found.add(imported);
    }
  }
  return [...found];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
