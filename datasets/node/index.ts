// Data sets from the file system (Node only).

export { decodeImage } from './decodeImage.ts';
export { type DatasetFiles, DatasetNotFoundError, findDataset } from './findDataset.ts';
export { type Cifar10Options, loadCifar10, loadCifar100 } from './loadCifar.ts';
export { loadImage } from './loadImage.ts';
export { loadFashionMnist, loadMnist } from './loadMnist.ts';
