// Data sets from the file system (Node only).

export { type DatasetFiles, DatasetNotFoundError, findDataset } from './findDataset.ts';
export { loadFashionMnist, loadMnist } from './loadMnist.ts';
