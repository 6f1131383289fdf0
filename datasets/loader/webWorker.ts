// A browser's web worker as the loader sees it.
import { ShapeError } from '../../kernels/errors.ts';
import type { LoaderWorker } from './protocol.ts';

/** @throws ShapeError where the platform has no web workers */
export function webWorker(): LoaderWorker {
  if (typeof Worker === 'undefined') {
    throw new ShapeError(
      "DataLoader: there are no web workers here; in Node import from 'wgrad/datasets/node' or 'wgrad/training/node', or set workers to 0",
    );
  }
  // in this form, with the name that it has once compiled, bundlers find the worker
  const worker = new Worker(new URL('./webWorkerEntry.js', import.meta.url), { type: 'module' });
  return {
    post: (message) => worker.postMessage(message),
    listen: ({ onMessage, onEnd }) => {
      worker.addEventListener('message', ({ data }) => onMessage(data));
      worker.addEventListener('error', ({ message }) => onEnd(`failed (${message || 'its module did not load'})`));
      worker.addEventListener('messageerror', () => onEnd('sent what cannot be read'));
    },
    setBusy: () => {}, // pages outlive their workers
    terminate: async () => worker.terminate(),
  };
}
