// Bundles the page into dist/: `.wgsl` files become texts, as `mish.js` imports them.
import { cp } from 'node:fs/promises';
import { build } from 'esbuild';

await build({
  entryPoints: ['main.js'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.wgsl': 'text' },
});
await cp('index.html', 'dist/index.html');
