// Bundles the laboratory (app/) into a static folder that any server can hold: index.html, style.css, main.js with a
// part for each page, and a worker for each page that has one.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { referenceSources } from './referenceSources.ts';

const app = join(import.meta.dirname, '..', 'app');

export interface BuildAppOptions {
  /** The folder to write to. Default `dist-app` in the repository. */
  out?: string | undefined;
  /** Default true. */
  minify?: boolean | undefined;
}

/** Needs the generated shaders (`npm run generate`). */
export async function buildApp({
  out = join(app, '..', 'dist-app'),
  minify = true,
}: BuildAppOptions = {}): Promise<void> {
  mkdirSync(out, { recursive: true });
  const common: BuildOptions = {
    ...{ outdir: out, bundle: true, format: 'esm', platform: 'browser', target: 'es2022' },
    // layers are shown by the names of their classes
    ...{ minify, keepNames: true, sourcemap: true, legalComments: 'linked', logLevel: 'warning' },
    ...{ jsx: 'automatic', jsxImportSource: 'preact' },
  };
  const folders = readdirSync(app, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const workers = folders.map(({ name }) => ({ in: join(app, name, 'worker.ts'), out: `${name}.worker` }));
  await build({
    ...common,
    entryPoints: [{ in: join(app, 'main.tsx'), out: 'main' }, ...workers.filter((entry) => existsSync(entry.in))],
    splitting: true,
    chunkNames: 'parts/[name]-[hash]',
    plugins: [referenceSources],
    // pages bring their own styles; all are in style.css
    loader: { '.css': 'empty', '.wgsl': 'text' },
  });
  const styles = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css'));
  const imports = [
    'uplot/dist/uPlot.min.css',
    'shell/style.css',
    ...styles.filter((name) => name !== 'shell/style.css'),
  ];
  await build({
    ...common,
    stdin: {
      contents: imports.map((name) => `@import '${name.includes('uplot') ? name : `./${name}`}';`).join('\n'),
      resolveDir: app,
      loader: 'css',
      sourcefile: 'style.css',
    },
    outdir: undefined as never,
    outfile: join(out, 'style.css'),
  });
  cpSync(join(app, 'index.html'), join(out, 'index.html'));
}
