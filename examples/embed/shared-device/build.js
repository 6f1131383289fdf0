// Bundles page and worker into dist/: an import map does not reach into workers.
import { cp } from 'node:fs/promises';
import { build } from 'esbuild';

await build({
  entryPoints: ['main.js', 'worker.js'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.wgsl': 'text' },
});
await cp('index.html', 'dist/index.html');
