// What a web worker runs.
import type { ToWorker } from './protocol.ts';
import { serveBatches } from './serveBatches.ts';

/** Of DedicatedWorkerGlobalScope, whose types exclude those of pages. */
interface WorkerScope {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: { data: ToWorker }) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const serve = serveBatches((message, transfer) => scope.postMessage(message, transfer));
scope.addEventListener('message', ({ data }) => void serve(data));
