// `wgrad fetch`: downloads published weights and says where they are.
import { Command } from 'commander';
import { fetchWeights } from '../models/node/index.ts';
import { ProgressBar } from '../training/report/progressBar.ts';
import { findModel } from './findModel.ts';
import { UsageError } from './usageError.ts';

interface FetchFlags {
  file?: string;
  folder?: string;
  url?: string;
}

export function fetchCommand(): Command {
  return new Command('fetch')
    .description('Download the published weights of a model; prints the path of the file, which is kept')
    .argument('<model>', 'a name that `wgrad summary --help` lists')
    .option('--file <name>', 'which of its files (default: the first)')
    .option('--folder <folder>', "where it is kept (default: weights/ in wgrad's cache folder, see WGRAD_HOME)")
    .option('--url <address>', 'a folder to download from instead (default: WGRAD_WEIGHTS_URL, else its publisher)')
    .action(fetchModel);
}

/** Height and width of CIFAR's images, the largest that `wgrad train` knows. */
const LARGEST_TRAINED = 32;

async function fetchModel(model: string, { file, folder, url }: FetchFlags): Promise<void> {
  const { name, weights, minSize } = findModel(model);
  const isTrainable = minSize <= LARGEST_TRAINED;
  const files = weights.map((each) => each.file);
  if (!files.length)
    throw new UsageError(`${name} has no published weights${isTrainable ? `: train it, wgrad train ${name}` : ''}`);
  if (file !== undefined && !files.includes(file)) {
    throw new UsageError(`${name} has no weights '${file}'; it has ${files.join(', ')}`);
  }
  let bar: ProgressBar | undefined;
  try {
    const path = await fetchWeights(name, {
      ...(file !== undefined && { file }),
      ...(folder !== undefined && { folder }),
      ...(url !== undefined && { baseUrl: url }),
      onProgress: ({ received, total }) => {
        if (total === undefined) return;
        bar ??= new ProgressBar({ total, start: received, label: file ?? files[0] });
        bar.update(received);
      },
    });
    bar?.finish();
    console.log(path);
  } finally {
    bar?.finish();
  }
}
