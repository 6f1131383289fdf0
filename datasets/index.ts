// Data sets and loading, without file system and without GPU: runs in a browser, a worker or plain Node.

export { CIFAR10, CIFAR100, type Cifar100, readCifar10Files, readCifar100File } from './cifar.ts';
export { DataLoader, type DataLoaderOptions, type LoadedBatch } from './dataLoader.ts';
export { type Batch, batchOf, checkDataset, type Dataset } from './dataset.ts';
export { type GlyphsOptions, glyphs } from './glyphs/glyphs.ts';
export { type IdxArray, type IdxData, type NamedBytes, parseIdx, readIdx } from './idx.ts';
export { centerCrop } from './images/centerCrop.ts';
export { type Codecs, type DecodeOptions, decodeImage } from './images/decodeImage.ts';
export type { Image } from './images/image.ts';
export { packPixels } from './images/packPixels.ts';
export { type Preprocessed, preprocess } from './images/preprocess.ts';
export { IMAGENET_PREPROCESSING, type Preprocessing } from './images/preprocessing.ts';
export { resize } from './images/resize.ts';
export { type ResolvedPreprocessing, resolvePreprocessing } from './images/resolvePreprocessing.ts';
export { withChannels } from './images/withChannels.ts';
export { FASHION_MNIST, MNIST, type MnistKind, readMnistFiles } from './mnist.ts';
export { Random, type RandomState } from './random.ts';
