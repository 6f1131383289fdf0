// `wgrad kernel list | show | check`: the kernels as a researcher meets them.
import { Command } from 'commander';
import { integer } from './arguments.ts';
import { kernelCheck } from './kernelCheck.ts';
import { kernelList } from './kernelList.ts';
import { kernelShow } from './kernelShow.ts';

export function kernelCommand(): Command {
  return new Command('kernel')
    .description('List, show and check the kernels')
    .addCommand(
      new Command('list')
        .description('Every operation: its variants with their ideas, shaders, number of cases')
        .option('--json', 'print one JSON array')
        .action(kernelList),
    )
    .addCommand(
      new Command('show')
        .description('Print the WGSL of a kernel as it is compiled, all its files linked')
        .argument('<kernel>', 'for example conv2d/forward')
        .option('--variant <name>', 'one of those that `kernel list` names')
        .action(kernelShow),
    )
    .addCommand(
      new Command('check')
        .description('Hold kernels against their float64 references on this adapter, all cases and random draws')
        .argument('[operation]', 'default: all')
        .option('--draws <n>', 'random problems per operation', integer(0), 50)
        .option('--seed <n>', 'of the random problems (default: from the clock)', integer(0))
        .option('--adapter <name>', "part of an adapter's name, or swiftshader")
        .action(kernelCheck),
    );
}
