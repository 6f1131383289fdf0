// A program that never closes its loaders; workers.test.ts sees that it ends all the same.
import { DataLoader } from '../../datasets/node/dataLoader.ts';
import { numberedImages } from './workerSets.ts';

const options = { batchSize: 2, workers: 1, persistentWorkers: true };
for await (const _ of new DataLoader(numberedImages(4), options));
console.log('kept after an epoch');
for await (const _ of new DataLoader(numberedImages(40), options)) break;
console.log('kept after leaving early');
await new DataLoader(numberedImages(40), options)[Symbol.asyncIterator]().next();
console.log('iterator dropped');
