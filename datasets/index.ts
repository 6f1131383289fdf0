// Data sets and loading, without file system and without GPU: runs in a browser, a worker or plain Node.

export { DataLoader, type DataLoaderOptions, type LoadedBatch } from './dataLoader.ts';
export { type Batch, batchOf, checkDataset, type Dataset } from './dataset.ts';
export { type GlyphsOptions, glyphs } from './glyphs/glyphs.ts';
export { type IdxArray, type IdxData, type NamedBytes, parseIdx, readIdx } from './idx.ts';
export { FASHION_MNIST, MNIST, type MnistKind, readMnistFiles } from './mnist.ts';
export { Random, type RandomState } from './random.ts';
