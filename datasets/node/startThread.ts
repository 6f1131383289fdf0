// Starts a worker thread of a module of ours, as TypeScript or built.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ResourceLimits, Worker } from 'node:worker_threads';

export interface ThreadOptions {
  resourceLimits?: ResourceLimits | undefined;
  /** Whether it loads no modules of the caller, which may be TypeScript. Default false. */
  isOwnCode?: boolean;
}

/** @param module without its extension, which is that of this file */
export function startThread(module: URL, { resourceLimits, isOwnCode = false }: ThreadOptions = {}): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`${module.href}.${extension}`);
  const limits = resourceLimits ? { resourceLimits } : {};
  if (isOwnCode && extension === 'js') return new Worker(entry, { ...limits, execArgv: [] });
  const tsx = findTsx();
  if (!tsx) return new Worker(entry, { ...limits, ...(isProgramAnOption() && { execArgv: [] }) });
  const [register, url] = [tsx, entry.href].map((text) => JSON.stringify(text));
  const program = `import(${register}).then(({ register }) => { register(); return import(${url}); });`;
  // without the options of the process: `--import tsx` is found from its first folder only
  return new Worker(program, { ...limits, eval: true, execArgv: [] });
}

/** Of `node --input-type=module --eval …`, whose options a worker with a file refuses to inherit. */
function isProgramAnOption(): boolean {
  return process.execArgv.some((option) => /^(-e|-p|--eval|--print|--input-type)/.test(option));
}

/**
 * Where this process runs under tsx, its workers must too: they may open data sets that are TypeScript, but tsx
 * registers itself in the main thread alone (Node 20).
 */
function findTsx(): string | undefined {
  const settings = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')];
  const loader = settings.map((text) => text.replace(/^--\w+=/, '')).find((text) => /(^|[\\/])tsx($|[\\/])/.test(text));
  if (loader === undefined) return undefined;
  const isPath = /^(file:|\/|[a-z]:)/i.test(loader);
  const api = createRequire(isPath ? loader : join(process.cwd(), 'program.js')).resolve('tsx/esm/api');
  return pathToFileURL(api.replace(/\.cjs$/, '.mjs')).href; // what `import` resolves it to; its CommonJS form does not load
}
