// `wgrad serve`: a model as an HTTP service.
import { Command } from 'commander';
import { createDevice } from '../engine/node/createDevice.ts';
import { createService, type Service, type ServiceLimits } from '../service/index.ts';
import { checkModelFits } from '../training/index.ts';
import { integer } from './arguments.ts';
import { checkFile } from './checkFile.ts';
import { classNames } from './classNames.ts';
import { findModel } from './findModel.ts';
import { findWeights } from './findWeights.ts';
import { loadModel } from './loadModel.ts';
import { modelList } from './modelList.ts';
import {
  addPreprocessingOptions,
  choosePreprocessing,
  type PreprocessingFlags,
  withCrop,
} from './preprocessingOptions.ts';

interface ServeFlags extends PreprocessingFlags {
  model: string;
  weights?: string;
  classes?: string;
  host: string;
  port: number;
  maxBatch?: number;
  maxDelay?: number;
  maxQueue?: number;
  maxMib?: number;
  maxPixels?: number;
  requestTimeout?: number;
  decoders?: number;
  shutdownTimeout: number;
  adapter?: string;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Answer HTTP requests with what is in their pictures: POST /classify')
    .requiredOption('--model <name>', 'one of those below')
    .option(
      '--weights <file>',
      "PyTorch's or safetensors; of a run: checkpoint/model.safetensors (default: published ones)",
    )
    .option('--classes <file>', "the classes' names, a line each (default: those of the weights' data set)")
    .option('--port <n>', '0 takes a free one', integer(0), 8080)
    .option('--host <address>', 'whom it listens to', '127.0.0.1')
    .option('--max-batch <n>', 'pictures that go through the model at once (default: 16)', integer(1))
    .option('--max-delay <ms>', 'how long a picture waits for others (default: 5)', integer(0))
    .option('--max-queue <n>', 'requests under way; more get 503 (default: 256)', integer(1))
    .option('--max-mib <n>', 'of a request (default: 10)', integer(1))
    .option('--max-pixels <n>', 'of a picture (default: 33554432)', integer(1))
    .option('--request-timeout <ms>', 'after which a request gets 504 (default: 30000)', integer(1))
    .option('--decoders <n>', 'threads that decode pictures (default: one less than there are cores)', integer(1))
    .option('--shutdown-timeout <ms>', 'for answering those under way at the end', integer(0), 10_000);
  return addPreprocessingOptions(command)
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(serve);
}

/** Ends with Ctrl-C or SIGTERM, when those under way are answered. */
async function serve(flags: ServeFlags): Promise<void> {
  const { host, port, adapter, shutdownTimeout } = flags;
  const entry = findModel(flags.model);
  if (flags.classes !== undefined) checkFile(flags.classes, 'names of classes, a line each');
  const weights = await findWeights(entry, flags.weights);
  const open = () => createDevice(adapter === undefined ? {} : { adapter });
  const device = await open();
  const loaded = await loadModel(entry, weights, device);
  const chosen = choosePreprocessing(loaded, flags);
  const preprocessing = withCrop(chosen.preprocessing, entry.inputShape);
  const side = preprocessing.crop as number;
  checkModelFits(entry, 'the pictures, as prepared,', [side, side]);
  let isFirst = true;
  const service = await createService({
    model: entry.name,
    // what was loaded to look at it is used first
    open: () => (isFirst ? Promise.resolve(device) : open()),
    load: async (another) => {
      if (!isFirst) return (await loadModel(entry, weights, another)).model;
      isFirst = false;
      return loaded.model;
    },
    preprocessing,
    classes: await classNames(loaded, flags.classes),
    limits: limitsOf(flags),
  });
  const ended = stopped(service, shutdownTimeout);
  process.stderr.write(`${entry.name} with ${weights}: ${chosen.description}; on ${service.adapterName}\n`);
  if (!LOOPBACK.includes(host)) {
    process.stderr.write(
      `${host} is open to other machines: there is no password and no TLS; a proxy in front has both\n`,
    );
  }
  try {
    const address = await service.listen({ host, port });
    console.log(`${address}/classify`);
  } catch (error) {
    await service.close();
    throw error;
  }
  await ended;
}

function limitsOf(flags: ServeFlags): Partial<ServiceLimits> {
  const { maxBatch, maxDelay, maxQueue, maxMib, maxPixels, requestTimeout, decoders } = flags;
  const maxBytes = maxMib && maxMib * 2 ** 20;
  const given = { maxBatch, maxDelay, maxQueue, maxBytes, maxPixels, requestTimeout, decoders };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Resolves when a signal came and the service is closed; a second signal ends the process at once. */
function stopped(service: Service, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.stderr.write('answering those under way; once more ends it at once\n');
        service.close({ timeout }).then(resolve, reject);
      });
    }
  });
}
