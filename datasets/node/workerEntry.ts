// What a worker thread runs.
import { parentPort } from 'node:worker_threads';
import { serveBatches } from '../loader/serveBatches.ts';

const serve = serveBatches((message, transfer) => parentPort!.postMessage(message, transfer as ArrayBuffer[]));
parentPort!.on('message', (message) => void serve(message));
