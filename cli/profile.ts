// `wgrad profile`: where a model's step spends its time, layer by layer and kernel by kernel.
import { Argument, Command } from 'commander';
import { integer } from './arguments.ts';
import { modelList } from './modelList.ts';
import { profileModel } from './profileModel.ts';
import { MODES, type StepFlags } from './randomStep.ts';

export interface ProfileFlags extends StepFlags {
  steps: number;
  json?: string;
  roofline?: string;
  trace?: string;
  adapter?: string;
}

export function profileCommand(): Command {
  return new Command('profile')
    .description('Time each dispatch of a step on random images: a table of layers and one of kernels')
    .addArgument(new Argument('<what>', 'train: forward, backward, optimizer; forward: inference').choices(MODES))
    .argument('<model>', 'one of those below')
    .option('--batch <n>', 'images', integer(1), 8)
    .option('--size <pixels>', "height and width of the images (default: the model's own)", integer(1))
    .option('--steps <n>', 'timed steps; medians are shown', integer(1), 5)
    .option('--json <file>', 'write everything shown as JSON')
    .option('--roofline <file>', 'draw the kernels under the measured roof, as SVG')
    .option('--trace <file>', 'write a Chrome trace, for chrome://tracing or ui.perfetto.dev')
    .option('--adapter <name>', "part of an adapter's name, or swiftshader (default: WGRAD_ADAPTER, else the best)")
    .addHelpText('after', () => `\nModels:\n${modelList()}`)
    .action(profileModel);
}
