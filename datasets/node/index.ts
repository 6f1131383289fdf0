// Data sets from the file system (Node only).

export { DataLoader } from './dataLoader.ts';
export { datasetsFolder } from './datasetsFolder.ts';
export { decodeImage } from './decodeImage.ts';
export type { DownloadProgress } from './download/download.ts';
export { FetchError } from './download/fetchError.ts';
export { type DatasetFile, type FetchFileOptions, type FileProgress, fetchFile } from './download/fetchFile.ts';
export { encodePng } from './encodePng.ts';
export { fetchDataset } from './fetchDataset.ts';
export { type DatasetFiles, DatasetNotFoundError, findDataset } from './findDataset.ts';
export type { DownloadChoice } from './findOrFetch.ts';
export {
  type Cifar10,
  type LoadCifar10Options,
  type LoadCifar100Options,
  loadCifar10,
  loadCifar100,
} from './loadCifar.ts';
export { type LoadEmnistOptions, loadEmnist } from './loadEmnist.ts';
export { loadImage } from './loadImage.ts';
export { type LoadMnistOptions, loadFashionMnist, loadMnist } from './loadMnist.ts';
export {
  type CelebA,
  type CelebAOptions,
  type CelebATarget,
  type CelebATargets,
  type CelebATargetType,
  openCelebA,
} from './openCelebA.ts';
export {
  type Cityscapes,
  type CityscapesOptions,
  type CityscapesTarget,
  openCityscapes,
} from './openCityscapes.ts';
export {
  type CocoDataset,
  type CocoOptions,
  type CocoTarget,
  openCocoCaptions,
  openCocoDetection,
  openCocoKeypoints,
} from './openCoco.ts';
export { IMAGE_EXTENSIONS, type ImageFolder, type ImageFolderOptions, openImageFolder } from './openImageFolder.ts';
export { type ImageNet, type ImageNetOptions, openImageNet } from './openImageNet.ts';
export { PUBLISHED_FILES, type PublishedSet } from './publishedFiles.ts';
export type { CityscapesTargets, CityscapesTargetType } from './readCityscapesTarget.ts';
export { saveImage } from './saveImage.ts';
