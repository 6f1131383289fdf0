// `wgrad tune`: measures which kernels are the fastest for a model on this adapter, and keeps the result.
import { Command, Option } from 'commander';
import { integer } from './arguments.ts';
import { modelList } from './modelList.ts';
import { MODES, type StepFlags } from './randomStep.ts';
import { tuneModel } from './tuneModel.ts';

export interface TuneFlags extends StepFlags {
  for: (typeof MODES)[number];
  again?: boolean;
  json?: boolean;
  adapter?: string;
}

export function tuneCommand(): Command {
  return new Command('tune')
    .description(
      'Measure which kernels are fastest for a model on this adapter; `--tune` of train and finetune uses it',
    )
    .argument('<model>', 'one of those below')
    .addOption(new Option('--for <what>', 'the steps to come').choices(MODES).default('train'))
    .option('--batch <n>', 'images', integer(1), 8)
    .option('--size <pixels>', "height and width of the images (default: the model's own)", integer(1))
    .option('--again', 'measure also what was measured before')
    .option('--json', 'print one JSON object')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(tuneModel);
}
