// The link to a page's worker, where all work of the GPU is done.
import { type Remote, wrap } from 'comlink';

export interface Connection<Api> {
  readonly api: Remote<Api>;
  /** Resolves with the reason when the worker died or could not be loaded; its calls then never answer. */
  readonly crashed: Promise<Error>;
  terminate(): void;
}

/** Starts `<page>.worker.js`. Whoever starts it ends it. */
export function connectWorker<Api>(page: string): Connection<Api> {
  const worker = new Worker(new URL(`${page}.worker.js`, document.baseURI), { type: 'module', name: page });
  const crashed = new Promise<Error>((resolve) => {
    worker.addEventListener('error', (event) => {
      event.preventDefault(); // it is shown on the page
      resolve(new Error(`the worker of this page stopped: ${event.message || 'it could not be loaded'}`));
    });
    worker.addEventListener('messageerror', () => resolve(new Error('the worker sent what this page cannot read')));
  });
  return { api: wrap<Api>(worker), crashed, terminate: () => worker.terminate() };
}
