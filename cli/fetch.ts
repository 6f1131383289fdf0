// `wgrad fetch`: downloads published weights or a data set and says where the files are.
import { Command } from 'commander';
import { type FetchFileOptions, type FileProgress, fetchDataset, PUBLISHED_FILES } from '../datasets/node/index.ts';
import { fetchWeights } from '../models/node/index.ts';
import { ProgressBar } from '../training/report/progressBar.ts';
import { findModel } from './findModel.ts';
import { publishedSet } from './loadDatasets.ts';
import { UsageError } from './usageError.ts';

interface FetchFlags {
  file?: string;
  folder?: string;
  url?: string;
  dataset?: string;
  data?: string;
}

export function fetchCommand(): Command {
  return new Command('fetch')
    .description(
      'Download the published weights of a model, or a data set; prints the paths of the files, which are kept',
    )
    .argument('[model]', 'a name that `wgrad summary --help` lists')
    .option('--file <name>', 'which of its files (default: the first)')
    .option('--folder <folder>', "where it is kept (default: weights/ in wgrad's cache folder, see WGRAD_HOME)")
    .option('--url <address>', 'a folder to download from instead (default: WGRAD_WEIGHTS_URL, else its publisher)')
    .option('--dataset <name>', `a data set instead of a model: ${Object.keys(PUBLISHED_FILES).join(', ')}`)
    .option('--data <folder>', "where data sets are kept (default: datasets/ in wgrad's cache folder)")
    .action(fetchFiles);
}

async function fetchFiles(model: string | undefined, flags: FetchFlags): Promise<void> {
  const { dataset, file, folder, data, url } = flags;
  const isModel = model !== undefined;
  if (isModel === (dataset !== undefined)) throw new UsageError('give a model, or --dataset <name>');
  if (isModel && data !== undefined) throw new UsageError('--data is for data sets; for weights it is --folder');
  if (!isModel && (file ?? folder) !== undefined) {
    throw new UsageError('--file and --folder are for weights; for data sets it is --data');
  }
  const progress = new FetchProgress();
  const options = { ...(url !== undefined && { baseUrl: url }), onProgress: progress.show };
  try {
    const paths = isModel ? await fetchModel(model, flags, options) : await fetchSet(dataset!, data, options);
    progress.finish();
    for (const path of paths) console.log(path);
  } finally {
    progress.finish();
  }
}

/** Height and width of CIFAR's images, the largest that `wgrad train` knows. */
const LARGEST_TRAINED = 32;

async function fetchModel(
  model: string,
  { file, folder }: FetchFlags,
  options: Omit<FetchFileOptions, 'variable'>,
): Promise<string[]> {
  const { name, weights, minSize } = findModel(model);
  const isTrainable = minSize <= LARGEST_TRAINED;
  const files = weights.map((each) => each.file);
  if (!files.length)
    throw new UsageError(`${name} has no published weights${isTrainable ? `: train it, wgrad train ${name}` : ''}`);
  if (file !== undefined && !files.includes(file)) {
    throw new UsageError(`${name} has no weights '${file}'; it has ${files.join(', ')}`);
  }
  return [
    await fetchWeights(name, {
      ...(file !== undefined && { file }),
      ...(folder !== undefined && { folder }),
      ...options,
    }),
  ];
}

async function fetchSet(dataset: string, data: string | undefined, options: FetchFileOptions): Promise<string[]> {
  const name = publishedSet(dataset);
  if (name) return fetchDataset(name, data, options);
  const known = Object.keys(PUBLISHED_FILES).join(', ');
  throw new UsageError(`no data set '${dataset}' can be downloaded; there are ${known}`);
}

/** A bar for each file in turn. */
class FetchProgress {
  #bar: ProgressBar | undefined;
  #file: string | undefined;

  readonly show = ({ file, received, total }: FileProgress): void => {
    if (total === undefined) return;
    if (file !== this.#file || received === 0) this.finish();
    this.#bar ??= new ProgressBar({ total, start: received, label: file });
    this.#file = file;
    this.#bar.update(received);
  };

  finish(): void {
    this.#bar?.finish();
    this.#bar = undefined;
  }
}
