// A Node worker thread as the loader sees it.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { LoaderWorker } from '../loader/protocol.ts';

export function workerThread({ resourceLimits }: { resourceLimits?: ResourceLimits } = {}): LoaderWorker {
  const worker = startWorker(resourceLimits);
  let isClosing = false;
  let reason = '';
  return {
    post: (message) => worker.postMessage(message),
    listen: ({ onMessage, onEnd }) => {
      worker.on('message', onMessage);
      worker.on('messageerror', ({ message }) => onEnd(`sent what cannot be read (${message})`));
      worker.on('error', ({ message }) => {
        reason = ` (${message})`;
      });
      worker.on('exit', (code) => {
        if (!isClosing) onEnd(`ended with exit code ${code}${reason}`);
      });
    },
    setBusy: (isBusy) => {
      if (isClosing) return; // ending has to be waited for
      if (isBusy) worker.ref();
      else worker.unref();
    },
    terminate: async () => {
      isClosing = true;
      await worker.terminate();
    },
  };
}

function startWorker(resourceLimits: ResourceLimits | undefined): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`./workerEntry.${extension}`, import.meta.url);
  const limits = resourceLimits ? { resourceLimits } : {};
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
