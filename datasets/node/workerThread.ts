// A Node worker thread as the loader sees it.
import type { ResourceLimits } from 'node:worker_threads';
import type { LoaderWorker } from '../loader/protocol.ts';
import { startThread } from './startThread.ts';

export function workerThread({ resourceLimits }: { resourceLimits?: ResourceLimits } = {}): LoaderWorker {
  const worker = startThread(new URL('./workerEntry', import.meta.url), { resourceLimits });
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
