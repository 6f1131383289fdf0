#!/usr/bin/env node
// The command line; `wgrad --help` lists its commands. Exit codes: 0 done, 1 failed, 2 asked for what cannot be,
// 130 and 143 stopped by Ctrl-C or SIGTERM.
import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import {
  AdapterError,
  DeviceLostError,
  FileError,
  KernelError,
  OutOfMemoryError,
  WgradError,
} from '../kernels/errors.ts';
import { FetchError } from '../models/node/index.ts';
import { RankError } from '../training/distributed/rankError.ts';
import { benchCommand } from './bench.ts';
import { classifyCommand } from './classify.ts';
import { compareCommand } from './compare.ts';
import { convertCommand } from './convert.ts';
import { demoCommand } from './demo.ts';
import { diagramCommand } from './diagram.ts';
import { doctor } from './doctor.ts';
import { drawCommand } from './draw.ts';
import { evalCommand } from './eval.ts';
import { fetchCommand } from './fetch.ts';
import { finetuneCommand } from './finetune.ts';
import { guardTerminal } from './guardTerminal.ts';
import { inspectCommand } from './inspect.ts';
import { kernelCommand } from './kernel.ts';
import { profileCommand } from './profile.ts';
import { samplesCommand } from './samples.ts';
import { serveCommand } from './serve.ts';
import { summaryCommand } from './summary.ts';
import { trainCommand } from './train.ts';
import { tuneCommand } from './tune.ts';

guardTerminal(process.stdout);
guardTerminal(process.stderr);

const program = new Command('wgrad')
  .description(
    'Deep learning on WebGPU: trains, fine-tunes, tests, classifies with, serves and looks into classical CNNs; checks and shows its kernels.',
  )
  .addCommand(trainCommand())
  .addCommand(finetuneCommand())
  .addCommand(evalCommand())
  .addCommand(classifyCommand())
  .addCommand(serveCommand())
  .addCommand(summaryCommand())
  .addCommand(compareCommand())
  .addCommand(diagramCommand())
  .addCommand(samplesCommand())
  .addCommand(drawCommand())
  .addCommand(inspectCommand())
  .addCommand(convertCommand())
  .addCommand(fetchCommand())
  .addCommand(demoCommand())
  .addCommand(kernelCommand())
  .addCommand(profileCommand())
  .addCommand(benchCommand())
  .addCommand(tuneCommand())
  .addCommand(
    new Command('doctor')
      .description('Say which adapters, drivers and data there are, and how to get what is missing')
      .option('--json', 'print one JSON object')
      .action(async (options) => {
        process.exitCode = await doctor(options);
      }),
  )
  .showHelpAfterError('(--help lists the options)');
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
  command.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
}

/** Says what went wrong: ours without a stack trace, unexpected errors with it. */
function exitCode(error: unknown): number {
  // commander has printed its own message, or the help that was asked for
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof WgradError)) {
    // a file that cannot be written is no fault of the program: `EACCES: permission denied, mkdir 'runs'`
    console.error(error instanceof Error && 'syscall' in error ? `wgrad: ${error.message}` : inspect(error));
    return 1;
  }
  console.error(`wgrad: ${error.message}`);
  const isMachine = [
    AdapterError,
    DeviceLostError,
    OutOfMemoryError,
    KernelError,
    FetchError,
    FileError,
    RankError,
  ].some((type) => error instanceof type);
  return isMachine ? 1 : 2;
}
