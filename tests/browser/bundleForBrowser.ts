// Bundles suites for a browser as they are: only what Node alone has is replaced, by what lies in standIns/.
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join, posix, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';

export const root = join(import.meta.dirname, '..', '..');

const folder = join(import.meta.dirname, 'standIns');
/** What of Node's modules suites may use; of all others the names alone are there. */
const standIns: Readonly<Record<string, string>> = { 'node:fs': './fs.ts', 'node:path': './path.ts' };

/**
 * Writes `<out>/bundle/<path>.js` with its source map for each entry, a path from the repository's root.
 * @throws Error of esbuild with the place of what cannot be bundled
 */
export async function bundleForBrowser(entries: readonly string[], out: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: entries.map((path) => ({ in: path, out: path.replace(/\.ts$/, '') })),
    outdir: join(out, 'bundle'),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'linked',
    sourcesContent: false,
    keepNames: true, // errors are told by their class's name
    logLevel: 'silent',
    plugins: [forBrowser],
  });
}

const forBrowser: Plugin = {
  name: 'for-browser',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/createDevice\.ts$/ }, ({ path, resolveDir }) => {
      const isNodes = join(resolveDir, path) === join(root, 'engine', 'node', 'createDevice.ts');
      return isNodes ? { path: join(folder, 'createDevice.ts') } : undefined;
    });
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      isBuiltin(path) || path === 'webgpu' ? { path, namespace: 'not-in-browsers' } : undefined,
    );
    // CommonJS, because esbuild then asks for an import only where it is used; __toESM keeps the prototype
    onLoad({ filter: /./, namespace: 'not-in-browsers' }, ({ path }) => {
      const standIn = path in standIns ? `require('${standIns[path]}')` : '{}';
      const contents = `const { nothing } = require('./nothing.ts');
        module.exports = Object.assign(Object.create(nothing('${path}')), ${standIn});`;
      return { resolveDir: folder, contents };
    });
    // suites find their fixtures beside themselves; the server has tests/ where the repository has it
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(join(root, 'tests') + sep)) return undefined;
      const place = `/${relative(root, path).split(sep).join('/')}`;
      const text = (await readFile(path, 'utf8'))
        .replaceAll('import.meta.url', `new URL('${place}', location.href).href`)
        .replaceAll('import.meta.dirname', `'${posix.dirname(place)}'`);
      return { loader: 'ts', contents: text };
    });
  },
};
