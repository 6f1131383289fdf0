// Data sets and loading, without file system and without GPU: runs in a browser, a worker or plain Node.

export {
  CIFAR10,
  CIFAR100,
  type Cifar100,
  type Cifar100Options,
  type CifarOptions,
  readCifar10Files,
  readCifar100File,
} from './cifar.ts';
export { CIFAR100_SUPERCLASSES } from './cifarClasses.ts';
export { CITYSCAPES_CLASSES, type CityscapesClass } from './cityscapesClasses.ts';
export type { CityscapesObject, CityscapesPolygons } from './cityscapesPolygons.ts';
export type { CocoAnnotation } from './coco/annotation.ts';
export { COCO_CATEGORIES, type CocoCategory } from './coco/categories.ts';
export { polygonToRle } from './coco/polygon.ts';
export {
  type Box,
  maskToRle,
  mergeRles,
  type Rle,
  rleArea,
  rleBox,
  rleToMask,
} from './coco/rle.ts';
export { rleFromString, rleToString } from './coco/rleString.ts';
export {
  type ImageSize,
  type Polygon,
  type Segmentation,
  type StoredRle,
  segmentationToRle,
} from './coco/segmentation.ts';
export type { CocoImage } from './coco/tables.ts';
export {
  type BadSample,
  DataLoader,
  type DataLoaderOptions,
  type DataLoaderState,
  type LoadedBatch,
  type StackedBatch,
  type TensorSample,
} from './dataLoader.ts';
export { type Batch, batchOf, checkDataset, type Dataset } from './dataset.ts';
export { type DrawCityscapesOptions, drawCityscapes } from './draw/drawCityscapes.ts';
export { type DrawCocoOptions, drawCoco } from './draw/drawCoco.ts';
export {
  EMNIST_SPLITS,
  type EmnistKind,
  type EmnistOptions,
  type EmnistSplit,
  emnistKind,
  readEmnistFiles,
} from './emnist.ts';
export { type GlyphsOptions, glyphs } from './glyphs/glyphs.ts';
export { type IdxArray, type IdxData, type NamedBytes, parseIdx, readIdx } from './idx.ts';
export type { BadRecord, DatasetSource, ImageDataset, OpenOptions, Sample } from './imageDataset.ts';
export { adjustBrightness, adjustContrast, adjustSaturation } from './images/adjustColor.ts';
export { adjustHue } from './images/adjustHue.ts';
export { centerCrop } from './images/centerCrop.ts';
export { crop, type Rectangle } from './images/crop.ts';
export { type Codecs, type DecodeOptions, decodeImage } from './images/decodeImage.ts';
export { horizontalFlip, verticalFlip } from './images/flip.ts';
export type { Image } from './images/image.ts';
export { packPixels } from './images/packPixels.ts';
export { type PaddingMode, type PadOptions, pad, type Sides } from './images/pad.ts';
export { type Preprocessed, preprocess } from './images/preprocess.ts';
export { IMAGENET_PREPROCESSING, type Preprocessing } from './images/preprocessing.ts';
export { type Interpolation, type ResizeOptions as ResizeImageOptions, resize } from './images/resize.ts';
export { type ResolvedPreprocessing, resolvePreprocessing } from './images/resolvePreprocessing.ts';
export { type RotateOptions, rotate } from './images/rotate.ts';
export { withChannels } from './images/withChannels.ts';
export { imagesOf } from './imagesOf.ts';
export type { LabelMap } from './labelMap.ts';
export type { LoadedDataset } from './loadedDataset.ts';
export type { LoaderWorker } from './loader/protocol.ts';
export { type GridImages, type GridOptions, gridImage, makeGrid } from './makeGrid.ts';
export { FASHION_MNIST, MNIST, type MnistKind, readMnistFiles } from './mnist.ts';
export { Random, type RandomState } from './random.ts';
export { type RandomSplitOptions, randomSplit } from './randomSplit.ts';
export { type ReadAllOptions, readAll } from './readAll.ts';
export { DistributedSampler, type DistributedSamplerOptions } from './samplers/distributedSampler.ts';
export { RandomSampler, type RandomSamplerOptions } from './samplers/randomSampler.ts';
export type { Sampler } from './samplers/sampler.ts';
export { SequentialSampler } from './samplers/sequentialSampler.ts';
export { SubsetRandomSampler } from './samplers/subsetRandomSampler.ts';
export { WeightedRandomSampler, type WeightedRandomSamplerOptions } from './samplers/weightedRandomSampler.ts';
export { subset } from './subset.ts';
export { CenterCrop } from './transforms/centerCrop.ts';
export { ColorJitter, type ColorJitterDraw, type ColorJitterOptions } from './transforms/colorJitter.ts';
export { Compose } from './transforms/compose.ts';
export { Grayscale } from './transforms/grayscale.ts';
export { Normalize } from './transforms/normalize.ts';
export { Pad } from './transforms/pad.ts';
export type { Padding } from './transforms/padding.ts';
export { RandomCrop, type RandomCropOptions } from './transforms/randomCrop.ts';
export { RandomErasing, type RandomErasingOptions } from './transforms/randomErasing.ts';
export { RandomGrayscale } from './transforms/randomGrayscale.ts';
export { RandomHorizontalFlip } from './transforms/randomHorizontalFlip.ts';
export { RandomResizedCrop, type RandomResizedCropOptions } from './transforms/randomResizedCrop.ts';
export { RandomRotation, type RandomRotationOptions } from './transforms/randomRotation.ts';
export { RandomVerticalFlip } from './transforms/randomVerticalFlip.ts';
export { Resize, type ResizeOptions } from './transforms/resize.ts';
export { sampleRandom } from './transforms/sampleRandom.ts';
export { ToTensor } from './transforms/toTensor.ts';
export type { TensorImage, Transform } from './transforms/transform.ts';
export { transformFromJSON } from './transforms/transformFromJSON.ts';
