// The text of every room's reference, for the laboratory's Kernels page: an esbuild plugin for `wgrad:references`.
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Plugin } from 'esbuild';

const kernels = join(import.meta.dirname, '..', 'kernels');

/** The module's default export: texts by path below kernels/. */
export const referenceSources: Plugin = {
  name: 'referenceSources',
  setup(build) {
    build.onResolve({ filter: /^wgrad:references$/ }, ({ path }) => ({ path, namespace: 'wgrad' }));
    build.onLoad({ filter: /.*/, namespace: 'wgrad' }, () => {
      const files = readdirSync(kernels, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /eference\.ts$/.test(name),
      );
      const texts = files.map((name) => [name.split(sep).join('/'), readFileSync(join(kernels, name), 'utf8')]);
      return { contents: JSON.stringify(Object.fromEntries(texts)), loader: 'json' };
    });
  },
};
